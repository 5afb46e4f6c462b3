/** RFC 4180: quotes a field that needs it. An empty one too, since an empty label means a retraction. */
export function csvField(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
