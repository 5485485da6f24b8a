// One reviewer's labelling: items in their order, their answers, where they are.

export class Session {
  constructor(begun, keeping) {
    const {study, reviewer, rubric, requireConfidence, items, answers, revision} = begun;
    Object.assign(this, {study, reviewer, rubric, requireConfidence, items, revision});
    this.answers = new Map(Object.entries(answers)); // a map: ids may be called __proto__
    this.keeping = keeping;
    this.skipped = keeping.skipped();
    for (const waiting of keeping.waiting()) this.take(waiting);
    this.position = this.nextOpen(-1) ?? 0;
  }

  get item() {
    return this.items[this.position];
  }

  answer(id = this.item.id) {
    return this.answers.get(id) ?? null;
  }

  isLabelled(id) {
    return (this.answers.get(id)?.label ?? null) !== null;
  }

  get labelled() {
    return this.items.filter(item => this.isLabelled(item.id)).length;
  }

  get isDone() {
    return this.labelled === this.items.length;
  }

  /** An answer of this page, before the server has confirmed it. */
  take({item_id: id, label, confidence, evidence, criterion, seconds, seen, save_id: saveId}) {
    this.answers.set(id, {label, confidence, evidence, criterion, seconds, version: seen + 1, saveId});
    if (label !== null) this.leaveSkipped(id);
  }

  /** What the server tells of the reviewer's answers; returns the ids of those that another window gave. */
  merge({answers, revision}) {
    const waiting = new Set(this.keeping.waiting().map(answer => answer.item_id));
    const foreign = [];
    for (const [id, told] of Object.entries(answers)) {
      if (waiting.has(id)) continue; // ours is newer, and on its way
      const own = this.answers.get(id);
      if (own?.saveId !== told.saveId && told.version > (own?.version ?? 0)) foreign.push(id);
      this.answers.set(id, told);
    }
    this.revision = Math.max(this.revision, revision);
    return foreign;
  }

  skip(id) {
    this.skipped.add(id);
    this.keeping.keepSkipped(this.skipped);
  }

  leaveSkipped(id) {
    if (this.skipped.delete(id)) this.keeping.keepSkipped(this.skipped);
  }

  /** Position of the next item without a label, those left for later last; null if there is none. */
  nextOpen(after = this.position) {
    const order = this.items.map((_, place) => (after + 1 + place) % this.items.length);
    const open = order.filter(place => !this.isLabelled(this.items[place].id));
    return open.find(place => !this.skipped.has(this.items[place].id)) ?? open[0] ?? null;
  }
}
