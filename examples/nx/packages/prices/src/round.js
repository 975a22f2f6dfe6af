export const round = (cents) => Math.round(cents);
