import type { RiskLimits } from "../risk/limits.ts";
import { readSettings } from "./settings.ts";

/** Reads the settings of the risk container. @throws {AppError} naming the key. */
export function readRiskSettings(
  containerId: string,
  settings: Readonly<Record<string, unknown>>,
): { readonly capital: number; readonly limits: RiskLimits } {
  const share = { min: 0, max: 1 };
  const values = readSettings(containerId, settings, {
    capital: { default: 1_000_000, min: 1, max: 1e12 },
    position_share: { default: 0.05, ...share },
    exposure_share_calm: { default: 1, ...share },
    exposure_share_normal: { default: 1, ...share },
    exposure_share_turbulent: { default: 0.5, ...share },
    cash_reserve_share: { default: 0.02, ...share },
    history_bars: { default: 20, min: 1, max: 1000, integer: true },
  });
  return {
    capital: values.capital,
    limits: {
      positionShare: values.position_share,
      exposureShare: {
        calm: values.exposure_share_calm,
        normal: values.exposure_share_normal,
        turbulent: values.exposure_share_turbulent,
      },
      cashReserveShare: values.cash_reserve_share,
      historyBars: values.history_bars,
    },
  };
}
