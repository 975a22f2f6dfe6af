import { total, type Item } from "./total";

export const run = async (event: { items?: Item[] }) => ({ sold: total(event.items ?? []) });
