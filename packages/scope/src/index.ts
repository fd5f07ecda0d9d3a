// For users: the detector.
export { createScopeDetector, type ScopeDetector, type ScopeDetectorOptions } from "./detector.ts";

// For package authors: scopes, tiers and their names.
export { isEventScope, scopeOfTier, tierOfScope } from "./event-scope.ts";
export { isScopeName, scopeNameMaxLength } from "./scope-name.ts";
