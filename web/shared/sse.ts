/** An event of a stream (WHATWG HTML, "Server-sent events"). */
export interface StreamEvent {
  id: string | null;
  name: string;
  data: string;
}

/** Cuts text that arrives in any pieces into events. */
export class StreamParser {
  private rest = "";
  private id: string | null = null;
  private name = "";
  private data: string[] = [];

  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    this.rest += text;
    let end: number;
    while ((end = this.rest.indexOf("\n")) >= 0) {
      const line = this.rest.slice(0, end).replace(/\r$/, "");
      this.rest = this.rest.slice(end + 1);
      const event = this.line(line);
      if (event) events.push(event);
    }
    return events;
  }

  private line(line: string): StreamEvent | null {
    if (line === "") {
      const event = this.data.length ? { id: this.id, name: this.name || "message", data: this.data.join("\n") } : null;
      this.name = "";
      this.data = [];
      return event;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    else if (field === "event") this.name = value;
    else if (field === "id") this.id = value;
    return null;
  }
}

/** Reads an answer event by event, until it ends, is silent for too long, or `receive` throws. */
export async function readEvents(
  response: Response,
  silence: number,
  receive: (event: StreamEvent) => void,
  onLife: () => void = () => {},
): Promise<void> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = new StreamParser();
  try {
    for (;;) {
      let timer = 0;
      const quiet = new Promise<never>((_, reject) => {
        timer = window.setTimeout(() => reject(new Error("The stream is silent.")), silence);
      });
      const { done, value } = await Promise.race([reader.read(), quiet]).finally(() => window.clearTimeout(timer));
      if (done) return;
      onLife();
      for (const event of parser.push(decoder.decode(value, { stream: true }))) receive(event);
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}
