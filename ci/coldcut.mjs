// What action.yml runs: packs, compares, writes the job summary and one comment, and ends as coldcut
// ended.
//
// In: the action's inputs as COLDCUT_ACTION_*, and what GitHub sets (GITHUB_EVENT_PATH, GITHUB_API_URL,
// GITHUB_REPOSITORY, GITHUB_STEP_SUMMARY, GITHUB_OUTPUT). Out: coldcut's exit status. What goes wrong
// with the comment is said and changes nothing about that: a report that cannot be posted is no
// reason to stop a build, and one that can is none to let it pass. Node.js 18 or later, nothing else.
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const input = (name) => (process.env["COLDCUT_ACTION_" + name] ?? "").trim();

/** Words as a shell splits them: blanks part, single and double quotes hold together. */
export function words(text) {
  const out = [];
  let word = null, quote = null;
  for (const c of text) {
    if (quote) {
      if (c === quote) quote = null;
      else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= "";
    } else if (/\s/.test(c)) {
      if (word !== null) out.push(word);
      word = null;
    } else word = (word ?? "") + c;
  }
  if (quote) throw new Error("`args` has a quote that does not end: " + text);
  if (word !== null) out.push(word);
  return out;
}

/** Text after a `::command::`, on one line as GitHub wants it. */
const oneLine = (text) => String(text).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
const warn = (text) => console.log("::warning title=coldcut::" + oneLine(text));

function event() {
  const path = process.env.GITHUB_EVENT_PATH;
  if (!path || !existsSync(path)) return {};
  return JSON.parse(readFileSync(path, "utf8"));
}

/** The base branch's commit, fetched where the checkout is shallow; null where there is none. */
function baseCommit(pull, directory) {
  const sha = pull?.base?.sha;
  if (!/^[0-9a-f]{40,64}$/.test(sha ?? "")) return null;
  const git = (...args) => spawnSync("git", args, { cwd: directory, encoding: "utf8" });
  const known = () => git("cat-file", "-e", sha + "^{commit}").status === 0;
  if (!known()) git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", sha);
  if (known()) return sha;
  warn("the base commit " + sha + " cannot be fetched, so there is no comparison; "
    + "give `fetch-depth: 0` to actions/checkout, or a `baseline` file");
  return null;
}

function pack(command, args, report) {
  const all = [...command.slice(1), "pack", ...args, "--report", report];
  // What is packed may print what looks like a command to GitHub.
  const token = randomUUID();
  console.log("::stop-commands::" + token);
  const done = spawnSync(command[0], all, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });
  process.stdout.write(done.stdout ?? "");
  process.stderr.write(done.stderr ?? "");
  console.log("\n::" + token + "::");
  if (done.error) throw new Error("cannot start `" + command[0] + "`: " + done.error.message
    + "; install coldcut in an earlier step, or say how it is started with `command`");
  return { status: done.status ?? 1, said: done.stderr ?? "" };
}

/** GitHub's API, with a second and a third try where the fault is the server's. */
async function call(token, method, url, body) {
  for (let tries = 1; ; tries++) {
    let answer;
    try {
      answer = await fetch(url, {
        method,
        headers: {
          accept: "application/vnd.github+json",
          authorization: "Bearer " + token,
          "content-type": "application/json",
          "user-agent": "coldcut",
          "x-github-api-version": "2022-11-28",
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      if (tries < 3) continue;
      return { ok: false, status: 0, said: error.cause?.message ?? error.message };
    }
    const text = await answer.text();
    if (answer.status >= 500 && tries < 3) {
      await new Promise((done) => setTimeout(done, tries * 300));
      continue;
    }
    let value = null;
    try { value = JSON.parse(text); } catch { /* an error page is no JSON */ }
    return { ok: answer.ok, status: answer.status, value, said: value?.message ?? text.slice(0, 200) };
  }
}

/** Flags less the budgets of growth, which need something to grow from. */
function withoutGrowth(args) {
  const grows = (budget) => /^[^=]*=\s*\+/.test(budget);
  const out = [];
  for (let at = 0; at < args.length; at++) {
    if (args[at] === "--budget" && grows(args[at + 1] ?? "")) at++;
    else if (!(args[at].startsWith("--budget=") && grows(args[at].slice("--budget=".length)))) out.push(args[at]);
  }
  return out;
}

const MOST = 65_536;
const MANY_PAGES = 30;

/** Writes the one comment: over an own one, which its first line tells, or a new one. */
async function comment(pull, key, text, token) {
  const api = (process.env.GITHUB_API_URL ?? "https://api.github.com").replace(/\/$/, "");
  const issue = api + "/repos/" + process.env.GITHUB_REPOSITORY + "/issues/";
  const marker = "<!-- coldcut action: " + key.replace(/[^\w./-]/g, "_") + " -->";
  const body = (marker + "\n" + text).slice(0, MOST);
  for (let page = 1; page <= MANY_PAGES; page++) {
    const list = await call(token, "GET", issue + pull.number + "/comments?per_page=100&page=" + page);
    if (!list.ok) return list;
    for (const found of list.value ?? []) {
      if (!found.body?.startsWith(marker)) continue;
      const done = await call(token, "PATCH", issue + "comments/" + found.id, { body });
      // Somebody else's comment may begin so too, and cannot be written.
      if (done.ok) return done;
    }
    if ((list.value ?? []).length < 100) break;
  }
  return call(token, "POST", issue + pull.number + "/comments", { body });
}

async function main() {
  const command = words(input("COMMAND") || "coldcut");
  const directory = input("DIRECTORY") || ".";
  const into = mkdtempSync(join(process.env.RUNNER_TEMP || tmpdir(), "coldcut-"));
  const report = join(into, "coldcut.md");
  const pull = event().pull_request;
  const plain = [directory, ...words(input("ARGS"))];
  if (input("HTML")) plain.push("--report", input("HTML"));
  const file = input("BASELINE");
  let compared = [];
  if (file && existsSync(file)) compared = ["--baseline", file];
  else if (input("COMPARE") !== "never") {
    const sha = baseCommit(pull, directory);
    if (sha) compared = ["--baseline-ref", sha];
  }
  let done = pack(command, [...plain, ...compared], report);
  // The base branch is not this change's fault: what cannot be compared with is left out, and said.
  // Those are coldcut's codes of a ref that is not there, not installed, or not to be packed.
  const cannot = () => compared[0] === "--baseline-ref" && done.said.match(/\bCC(228|229|230|231)\b/)?.[0];
  if (cannot() === "CC230" && !plain.includes("--install")) {
    // The change is one of the lock file: both sides need what they lock.
    console.log("the lock file of the base branch has other dependencies: packing again with `--install`");
    done = pack(command, [...plain, "--install", ...compared], report);
  }
  const code = cannot();
  let note = "";
  if (code) {
    const kept = withoutGrowth(plain);
    note = "The base branch cannot be compared with (" + code + "); the log says why.";
    if (kept.length < plain.length) note += " Budgets of growth are not held.";
    warn(note);
    done = pack(command, kept, report);
  }
  const written = existsSync(report);
  let text = written ? readFileSync(report, "utf8") : "";
  if (!written) {
    const lines = done.said.trim().split("\n").slice(0, 60).join("\n");
    const fence = "`".repeat(3 + Math.max(0, ...(lines.match(/`+/g) ?? []).map((run) => run.length)));
    text = "### coldcut failed (exit status " + done.status + ")\n\n" + fence + "\n" + lines + "\n" + fence + "\n";
  }
  if (note) text += "\n" + note + "\n";
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, text + "\n");
  writeFileSync(report, text);
  if (process.env.GITHUB_OUTPUT) {
    appendFileSync(process.env.GITHUB_OUTPUT, "status=" + done.status + "\nreport=" + report + "\n");
  }
  if (pull && input("COMMENT") !== "false") {
    const token = input("TOKEN");
    const posted = token
      ? await comment(pull, directory, text, token)
      : { ok: false, status: 401, said: "there is no token" };
    if ([401, 403, 404].includes(posted.status)) {
      warn("no comment: the token may not write one (" + posted.said + "). A pull request from a fork has none that may, "
        + "and elsewhere the job needs `permissions: pull-requests: write`. The report is in the job summary.");
    } else if (!posted.ok) warn("no comment: GitHub answered " + posted.status + " (" + posted.said + ")");
  }
  return done.status;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.log("::error title=coldcut::" + oneLine(error.message));
  process.exitCode = 1;
}
