// What this browser keeps for a reviewer of a study: answers that wait for the server, drafts, what was left for later.
// Each waiting answer has an entry of its own: two windows never overwrite each other's.

const memory = new Map(); // where the browser keeps nothing (private windows, full disks), the page does while it is open

function read(key) {
  try {
    return JSON.parse(memory.get(key) ?? localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function write(key, value) {
  const written = JSON.stringify(value);
  try {
    localStorage.setItem(key, written);
    memory.delete(key);
  } catch {
    memory.set(key, written);
  }
}

function drop(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch { /* then it is not there either */ }
}

function keys() {
  let stored = [];
  try {
    stored = Object.keys(localStorage);
  } catch { /* none */ }
  return new Set([...stored, ...memory.keys()]);
}

let count = 0;

export class Keeping {
  constructor(study, reviewer) {
    this.prefix = `panel-eval/${study}/${encodeURIComponent(reviewer)}/`;
  }

  /** Answers that the server has not confirmed, the oldest first. */
  waiting() {
    const found = [...keys()].filter(key => key.startsWith(`${this.prefix}waiting/`)).map(read).filter(Boolean);
    return found.sort((a, b) => a.at - b.at || a.count - b.count).map(kept => kept.answer);
  }

  keepWaiting(answer) {
    count += 1;
    write(`${this.prefix}waiting/${answer.save_id}`, {at: Date.now(), count, answer});
  }

  dropWaiting(saveId) {
    drop(`${this.prefix}waiting/${saveId}`);
  }

  draft(itemId) {
    return read(`${this.prefix}draft/${itemId}`);
  }

  keepDraft(itemId, draft) {
    write(`${this.prefix}draft/${itemId}`, draft);
  }

  dropDraft(itemId) {
    drop(`${this.prefix}draft/${itemId}`);
  }

  /** Ids of items left for later. */
  skipped() {
    return new Set(read(`${this.prefix}skipped`) ?? []);
  }

  keepSkipped(ids) {
    write(`${this.prefix}skipped`, [...ids]);
  }

  /** Whether what is kept would be lost with the window. */
  isFrail() {
    return memory.size > 0;
  }
}
