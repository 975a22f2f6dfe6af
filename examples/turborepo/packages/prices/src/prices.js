import { round } from "./round.js";

/** Price of some pieces in cents, with tax. */
export const price = (pieces, cents) => round(pieces * cents * 1.19);
