import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { total, type Item } from "./total";

const app = new Hono();

app.get("/orders/:id/total", (context) => {
  const items: Item[] = [{ price: 1999, count: 2 }, { price: 500, count: 1 }];
  return context.json({ order: context.req.param("id"), total: total(items), currency: process.env.CURRENCY });
});

export const handler = handle(app);
