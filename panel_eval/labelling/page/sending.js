// Questions to the server, and answers on their way to it: kept until the server says that they are on its disk.

const PATIENCE_MS = 10_000;
const RETRY_MS = [300, 600, 1000, 2000];

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const key = () => new URLSearchParams(location.hash.slice(1)).get("key") ?? "";

/** Ask the server; throws `Refused` where it says no, and other errors where it does not answer. */
export async function ask(path, body) {
  const response = await fetch(`/api/${path}`, {
    method: "POST",
    headers: {"Content-Type": "application/json", "X-Labelling-Key": encodeURIComponent(key())},
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const said = await response.json();
  if (!response.ok) throw new Refused(response.status, said.error ?? `status ${response.status}`);
  return said;
}

/** Sends answers in the order given, again and again if need be; tells of each by `onSaved`, `onRefused`, `onState`. */
export class Sender {
  constructor(keeping, {onSaved, onRefused, onState}) {
    Object.assign(this, {keeping, onSaved, onRefused, onState});
    this.busy = false;
    this.failures = 0;
    this.trouble = null;
    this.timer = 0;
    addEventListener("online", () => this.flush());
  }

  add(answer) {
    this.keeping.keepWaiting(answer);
    this.flush();
  }

  async flush() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    let waiting = this.keeping.waiting();
    while (waiting.length) {
      this.onState(waiting.length, this.trouble);
      if (!await this.sendOne(waiting[0])) break;
      waiting = this.keeping.waiting();
    }
    this.busy = false;
    this.onState(waiting.length, this.trouble);
    if (this.trouble) {
      const delay = RETRY_MS[Math.min(this.failures, RETRY_MS.length) - 1];
      this.timer = setTimeout(() => this.flush(), delay);
    } else if (this.keeping.waiting().length) { // came while the last one was under way
      this.flush();
    }
  }

  /** Whether the answer needs no further sending. */
  async sendOne(answer) {
    try {
      const result = await ask("save", answer);
      this.keeping.dropWaiting(answer.save_id);
      this.calm();
      this.onSaved(answer, result);
      return true;
    } catch (error) {
      const isFinal = error instanceof Refused && [400, 413, 415, 422].includes(error.status);
      if (isFinal) {
        this.keeping.dropWaiting(answer.save_id);
        this.calm();
        this.onRefused(answer, error.message);
        return true;
      }
      this.fret(error);
      return false;
    }
  }

  /** The server answered. */
  calm() {
    this.failures = 0;
    this.trouble = null;
  }

  /** It did not, or would not. */
  fret(error) {
    this.failures += 1;
    this.trouble = error instanceof Refused ? error : new Refused(0, "");
  }
}
