// Opens reports in headless Chromium and uses them as people do: with mouse, keyboard and phone.
//
//     node check.mjs CHROMIUM SMALL.html BIG.html [FOLDER FOR SCREENSHOTS]
//
// SMALL has one function and no baseline. BIG has several functions, 20,000 files, a baseline, names
// with markup in them and a path of 4,000 characters. Each check prints a line; the first that fails
// ends it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, small, big, shots] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "coldcut-html-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  viewport: { width: 1280, height: 900 },
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await context.newPage();
const complaints = [];
page.on("console", (message) => { if (["error", "warning"].includes(message.type())) complaints.push(message.text()); });
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("dialog", (dialog) => { complaints.push("a dialog: " + dialog.message()); dialog.dismiss(); });
page.on("request", (request) => { if (!request.url().startsWith("file:")) complaints.push("a request: " + request.url()); });

const shot = async (name, whole = true) => { if (shots) await page.screenshot({ path: join(shots, name + ".png"), fullPage: whole }); };
const open = async (file) => { await page.goto(pathToFileURL(file).href); await page.waitForSelector("#map button"); };
const tiles = () => page.locator("#map button").count();
const crumb = () => page.locator("#crumbs [aria-current]").innerText();
const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
async function check(name, act) {
  try {
    await act();
    assert.deepEqual(complaints, [], "the console is silent, and nothing is fetched");
    console.log("ok " + name);
  } catch (error) {
    console.error("not ok " + name);
    throw error;
  }
}

try {
  await check("it opens", async () => {
    await open(small);
    assert.ok(await tiles() > 1);
    assert.equal(await page.locator("article.function:visible").count(), 1);
    await shot("small-light");
  });
  await check("sizes read as everywhere else", async () => {
    const said = await page.evaluate(() => [0, 999, 1000, 9994, 9995, 99949, 99950, 999499, 999500, 52428800].map(window.coldcut.size));
    assert.deepEqual(said, ["0 B", "999 B", "1.00 kB", "9.99 kB", "10.0 kB", "99.9 kB", "100 kB", "999 kB", "1.00 MB", "52.4 MB"]);
  });
  await check("the map adds up to the zip and to what is unpacked", async () => {
    const { artifact } = await page.evaluate(() => JSON.parse(document.getElementById("data").textContent).functions[0]);
    const size = (bytes) => page.evaluate((bytes) => window.coldcut.size(bytes), bytes);
    assert.ok((await crumb()).includes(await size(artifact.bytes)));
    await page.getByText("unpacked", { exact: true }).first().click();
    assert.ok((await crumb()).includes(await size(artifact.unpacked_bytes)));
    await page.getByText("zipped", { exact: true }).first().click();
  });
  await check("a click goes in, and a crumb comes out", async () => {
    const before = await crumb();
    await page.locator("#map .head").first().click();
    const inside = await crumb();
    assert.notEqual(inside, before);
    await shot("small-zoomed");
    await page.locator("#crumbs button").last().click();
    assert.equal(await crumb(), before);
  });
  await check("the keyboard moves, goes in and comes out", async () => {
    const before = await crumb();
    await page.locator('#map button[tabindex="0"]').focus();
    assert.equal(await page.locator('#map button[tabindex="0"]').count(), 1, "one stop for Tab");
    const first = await focused();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    assert.notEqual(await focused(), first);
    await page.locator("#map .head").first().focus();
    await page.keyboard.press("Enter");
    assert.notEqual(await crumb(), before);
    assert.ok(await focused(), "the focus is in the map");
    await page.keyboard.press("Escape");
    assert.equal(await crumb(), before);
    assert.ok(await focused());
  });
  await check("every control has a name, every table a head", async () => {
    const nameless = await page.evaluate(() => [...document.querySelectorAll("button, input, select, a")]
      .filter((one) => one.offsetParent && !(one.getAttribute("aria-label") || one.textContent.trim() || one.labels?.length))
      .map((one) => one.outerHTML));
    assert.deepEqual(nameless, []);
    assert.equal(await page.locator("h1").count(), 1);
  });
  await check("a package says why it is there", async () => {
    const first = page.locator("#packages tbody tr").first();
    await first.locator("summary").click();
    await first.locator(".chain li").first().waitFor();
    await first.locator("summary").click();
    await first.locator("button").click();
    assert.equal(await page.locator("#crumbs li").count(), 2, "its name leads into the map");
    await page.keyboard.press("Escape");
  });
  await check("it is dark where the reader's system is", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    const [red] = (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g);
    assert.ok(Number(red) < 60);
    await shot("small-dark");
    await page.emulateMedia({ colorScheme: "light" });
  });

  await check("20,000 files open quickly", async () => {
    await open(big);
    // Parsing, layout and the first drawing; a shared machine gets much more time than a reader's needs.
    const ms = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domComplete);
    console.log("   " + Math.round(ms) + " ms until it stands");
    assert.ok(ms < 5000, ms + " ms");
    assert.ok(await tiles() < 1500, "a bounded number of tiles");
    assert.ok(await page.evaluate(() => document.querySelectorAll("*").length) < 6000, "a bounded number of nodes");
    await shot("big-light");
  });
  await check("names are text", async () => {
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator("script").count(), 2);
    assert.ok((await page.locator("h1").innerText()).includes("<img"));
    await page.fill("#search", "<script>");
    await page.waitForFunction(() => document.querySelectorAll("#packages tbody tr").length === 1);
    assert.ok((await page.locator("#packages tbody tr").innerText()).includes("<script>"));
    await page.locator("#packages tbody button").click();
    await page.keyboard.press("Escape");
    await page.fill("#search", "");
  });
  await check("search and sorting", async () => {
    await page.fill("#search", "file19999.js");
    await page.waitForFunction(() => document.querySelectorAll("#files tbody tr").length === 1);
    assert.match(await page.locator("#found").innerText(), /1 file/);
    await page.fill("#search", "");
    await page.waitForFunction(() => document.querySelectorAll("#files tbody tr").length === 20);
    await page.locator("#more-files").click();
    assert.equal(await page.locator("#files tbody tr").count(), 220);
    const names = () => page.locator("#packages tbody tr td:first-child").allInnerTexts();
    await page.getByRole("button", { name: "Package", exact: true }).click();
    const plain = (list) => list.map((text) => text.replace(/^\S+ (new|grown|shrunk|changed) /, "").toLowerCase());
    const up = plain(await names());
    assert.deepEqual(up, [...up].sort());
    assert.equal(await page.locator("#packages th[aria-sort=ascending]").count(), 1);
    await page.getByRole("button", { name: "Package", exact: true }).click();
    assert.notDeepEqual(plain(await names()), up);
  });
  await check("functions are chosen", async () => {
    await page.selectOption("#function", "1");
    assert.equal(await page.locator("article.function:visible").getAttribute("data-at"), "1");
    await page.locator("[data-choose='0']").click();
    assert.equal(await page.locator("article.function:visible").getAttribute("data-at"), "0");
  });
  await check("changes have signs and words, not only colours", async () => {
    const said = await page.locator("#legend").innerText();
    for (const word of ["+ new", "▲ grown", "▼ shrunk"]) assert.ok(said.includes(word), said);
    assert.ok((await page.locator(".chg.gone").count()) > 0);
    assert.ok((await page.locator("#map .grown").count()) > 0);
    assert.ok(await page.evaluate(() => getComputedStyle(document.querySelector("#map .tile.grown")).backgroundImage.includes("gradient")));
  });
  await check("dark, with changes", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await shot("big-dark");
    await page.emulateMedia({ colorScheme: "light" });
  });
  for (const [name, file] of [["small", small], ["big", big]]) {
    await check("a phone shows " + name + " without scrolling sideways", async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      await open(file);
      assert.ok(await wide() <= 0, "wider than the screen by " + await wide());
      await page.locator("#map button").first().click();
      assert.ok(await wide() <= 0);
      await page.fill("#search", "long");
      await page.waitForTimeout(200);
      assert.ok(await wide() <= 0);
      await page.fill("#search", "");
      await shot(name + "-phone");
    });
  }
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
