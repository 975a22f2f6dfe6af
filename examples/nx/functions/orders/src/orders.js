import { price } from "@shop/prices";

export const handler = async (event) => ({ cents: price(event.pieces, 250) });
