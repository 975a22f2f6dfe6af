import { customAlphabet } from "nanoid";

const id = customAlphabet("0123456789", 8);

export const handler = async ({ prices }) => ({
  order: id().length,
  total: prices.reduce((sum, price) => sum + price, 0),
});
