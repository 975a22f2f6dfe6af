import { format, parseISO } from 'date-fns';
import { z } from 'zod';

const Invitation = z.object({
  to: z.email(),
  date: z.iso.date(),
});

interface Request {
  body?: string;
}

export async function handler({ body }: Request) {
  const asked = Invitation.safeParse(JSON.parse(body ?? 'null'));
  if (!asked.success) {
    return { statusCode: 400, body: z.prettifyError(asked.error) };
  }
  const { to, date } = asked.data;
  const day = format(parseISO(date), 'EEEE, d MMMM yyyy');
  return { statusCode: 200, body: JSON.stringify({ from: process.env.SENDER, to, day }) };
}
