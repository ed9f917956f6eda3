// A headless Chromium that is driven over a pipe by the DevTools protocol: opens pages, evaluates in them, takes pictures, and
// keeps what they requested and complained of. Needs Node.js alone (18 or newer), no package.
//
//   const browser = await launch(path, { offline: true });
//   const page = await browser.page({ width: 1200, height: 900, scheme: "dark" });
//   await page.open("file:///tmp/report.html");
//   await page.evaluate("document.title");  page.requests;  page.complaints;
//   await browser.close();
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PATIENCE_MS = 120_000;

// Messages over file descriptors 3 (to the browser) and 4 (from it), each ended by a NUL.
class Pipe {
  constructor(child) {
    this.to = child.stdio[3];
    this.next = 1;
    this.waiting = new Map();
    this.listeners = new Set();
    let rest = [];
    child.stdio[4].on("data", (chunk) => {
      let at;
      while ((at = chunk.indexOf(0)) >= 0) {
        rest.push(chunk.subarray(0, at));
        this.hear(JSON.parse(Buffer.concat(rest).toString("utf8")));
        rest = [];
        chunk = chunk.subarray(at + 1);
      }
      rest.push(chunk);
    });
    child.on("exit", (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`the browser ended (${code})`));
      this.waiting.clear();
    });
  }

  hear(message) {
    if (message.id === undefined) {
      for (const listener of this.listeners) listener(message);
      return;
    }
    const waiter = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (!waiter) return;
    if (message.error) waiter.reject(new Error(`${waiter.method}: ${message.error.message}`));
    else waiter.resolve(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE_MS);
      const settle = (end) => (value) => {
        clearTimeout(timer);
        end(value);
      };
      this.waiting.set(id, { method, resolve: settle(resolve), reject: settle(reject) });
      this.to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }
}

class Page {
  constructor(pipe, session) {
    this.pipe = pipe;
    this.session = session;
    this.requests = [];
    this.complaints = [];
    pipe.listeners.add((message) => {
      if (message.sessionId !== session) return;
      const { method, params } = message;
      if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
      if (method === "Runtime.exceptionThrown") {
        const { text, exception } = params.exceptionDetails;
        this.complaints.push(`exception: ${exception?.description ?? text}`);
      }
      if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) {
        this.complaints.push(`console.${params.type}: ${params.args.map((value) => value.value ?? value.description).join(" ")}`);
      }
      // Refused loads and violations of a content security policy come as entries of the log.
      if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) {
        this.complaints.push(`${params.entry.source}: ${params.entry.text}`);
      }
    });
  }

  call(method, params) {
    return this.pipe.send(method, params, this.session);
  }

  async open(url) {
    const loaded = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${url} does not load`)), PATIENCE_MS);
      const listener = (message) => {
        if (message.sessionId !== this.session || message.method !== "Page.loadEventFired") return;
        clearTimeout(timer);
        this.pipe.listeners.delete(listener);
        resolve();
      };
      this.pipe.listeners.add(listener);
    });
    const { errorText } = await this.call("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  // The value of an expression; a promise is awaited.
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  // Until an expression is true in the page.
  async until(expression) {
    const end = Date.now() + PATIENCE_MS;
    while (!(await this.evaluate(expression))) {
      if (Date.now() > end) throw new Error(`never true: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  // Colours ("light" or "dark") and medium ("screen" or "print").
  async media(scheme, medium = "screen") {
    await this.call("Emulation.setEmulatedMedia", { media: medium, features: [{ name: "prefers-color-scheme", value: scheme }] });
  }

  async size(width, height, mobile = false) {
    await this.call("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile });
  }

  // The whole page, however long, or one window of it.
  async picture(file, whole = true) {
    const { data } = await this.call("Page.captureScreenshot", { format: "png", captureBeyondViewport: whole });
    await writeFile(file, Buffer.from(data, "base64"));
  }

  async print(file) {
    const { data } = await this.call("Page.printToPDF", { preferCSSPageSize: true, printBackground: false });
    await writeFile(file, Buffer.from(data, "base64"));
  }
}

// Starts the browser at `path`. `offline`: names resolve to nothing, and a proxy that is not there catches what has no name.
export async function launch(path, { offline = false } = {}) {
  const profile = await mkdtemp(join(tmpdir(), "assayd-chromium-"));
  const args = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--no-first-run",
    `--user-data-dir=${profile}`,
  ];
  if (offline) args.push("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>");
  const child = spawn(path, [...args, "about:blank"], { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  let told = "";
  child.stderr.on("data", (text) => (told = (told + text).slice(-4000)));
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const pipe = new Pipe(child);
  try {
    await pipe.send("Browser.getVersion");
  } catch (error) {
    throw new Error(`${error.message}: ${told}`);
  }
  return {
    async page({ width = 1200, height = 900, scheme = "light" } = {}) {
      const { targetId } = await pipe.send("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await pipe.send("Target.attachToTarget", { targetId, flatten: true });
      const page = new Page(pipe, sessionId);
      for (const domain of ["Page", "Network", "Runtime", "Log"]) await page.call(`${domain}.enable`);
      if (offline) await page.call("Network.emulateNetworkConditions", { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
      await page.media(scheme);
      await page.size(width, height);
      return page;
    },
    async close() {
      await pipe.send("Browser.close").catch(() => {});
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
