export type * from "./index.cjs";
export { pack, check, bundle, verify, measure, diff, ColdcutError } from "./index.cjs";
/** The absolute path of the program. */
export declare function binary(): string;
