/** Whether a terminal may not show more than ASCII: it says so, or its locale is one without UTF-8. */
export function isAsciiOnly(environment: NodeJS.ProcessEnv = process.env): boolean {
  const { TERM: terminal, LC_ALL: all, LC_CTYPE: characters, LANG: language } = environment;
  if (terminal === "dumb" || terminal === "linux") return true;
  const locale = [all, characters, language].find((value) => value !== undefined && value !== "");
  // Without a locale nothing is known, and nearly every terminal of today knows UTF-8.
  return locale !== undefined && !/utf-?8/i.test(locale);
}
