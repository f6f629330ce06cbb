/** Larger than this a picture is not drawn here; it opens in a page of its own. */
const maxDrawnBytes = 30_000_000;
/** Pixels of the screen for one of the layout, at most. */
const maxDensity = 2;

/**
 * Draws a picture into a canvas, as large as the canvas is shown. A canvas needs no leave of the page: whatever its policy says about pictures, this is none
 * that is fetched by an element. False when these bytes are no picture that this browser knows.
 */
export async function drawPicture(
  canvas: HTMLCanvasElement,
  bytes: Blob,
  width: number,
  height: number,
): Promise<boolean> {
  if (bytes.size > maxDrawnBytes || typeof createImageBitmap !== 'function') return false;
  const density = Math.min(maxDensity, globalThis.devicePixelRatio || 1);
  try {
    const bitmap = await createImageBitmap(bytes);
    const scale = Math.max(width / bitmap.width, height / bitmap.height) * density;
    const [w, h] = [Math.max(1, Math.round(width * density)), Math.max(1, Math.round(height * density))];
    canvas.width = w;
    canvas.height = h;
    const context = canvas.getContext('2d');
    if (!context) return false;
    context.imageSmoothingQuality = 'high';
    // Fills the whole place; what is too much goes off at both sides alike.
    const [x, y] = [(w - bitmap.width * scale) / 2, (h - bitmap.height * scale) / 2];
    context.drawImage(bitmap, x, y, bitmap.width * scale, bitmap.height * scale);
    bitmap.close();
    return true;
  } catch {
    return false;
  }
}
