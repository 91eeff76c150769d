import type { NewPart } from "../shared/types";

/** Something that goes with a message. */
export interface Attachment {
  id: number;
  name: string;
  /** An address of this browser for showing a picture; null for text. */
  preview: string | null;
  part: NewPart;
}

const pictures = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const LARGEST_PICTURE = 10 << 20;
const LARGEST_TEXT = 256 << 10;
let last = 0;

/** Reads a file; throws a sentence for a person. */
export async function attach(file: File): Promise<Attachment> {
  last += 1;
  if (pictures.includes(file.type)) {
    if (file.size > LARGEST_PICTURE) throw new Error(`${file.name} is larger than 10 MB. Make the picture smaller.`);
    const data = await base64(file);
    return { id: last, name: file.name, preview: URL.createObjectURL(file), part: { type: "image", media_type: file.type, data } };
  }
  if (file.size > LARGEST_TEXT) throw new Error(`${file.name} is larger than 256 kB. Attach the part that matters.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${file.name} is neither a picture (PNG, JPEG, GIF, WebP) nor text.`);
  }
  if (text.includes("\0")) throw new Error(`${file.name} is neither a picture (PNG, JPEG, GIF, WebP) nor text.`);
  // A fence that cannot occur in the text keeps it apart from what the person says.
  let fence = "```";
  while (text.includes(fence)) fence += "`";
  return { id: last, name: file.name, preview: null, part: { type: "text", text: `\n\n${file.name}:\n${fence}\n${text}\n${fence}\n` } };
}

export function discard(attachment: Attachment): void {
  if (attachment.preview) URL.revokeObjectURL(attachment.preview);
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ""));
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}
