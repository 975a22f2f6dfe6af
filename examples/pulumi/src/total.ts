export interface Item {
  price: number;
  count: number;
}

export const total = (items: Item[]) => items.reduce((sum, { price, count }) => sum + price * count, 0);
