import fc from "fast-check";
import { expect, test } from "vitest";
import { readImage } from "./image-file.ts";

const base64 = (text: string) => Buffer.from(text, "base64");
const images = {
  "image/png": base64(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  ),
  "image/gif": base64("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
  "image/webp": base64("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"),
  "image/jpeg": Buffer.from("ffd8ffe000104a46494600010100000100010000ffc0000b080001000101011100ffd9", "hex"),
};

test.each(Object.entries(images))("%s is told with its size", (mediaType, bytes) => {
  expect(readImage(bytes)).toEqual({ mediaType, width: 1, height: 1 });
});

test("a lossless WebP is told as well", () => {
  const bytes = base64("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==");
  expect(readImage(bytes)).toEqual({ mediaType: "image/webp", width: 1, height: 1 });
});

test.each(Object.entries(images))("%s that is cut off is none", (_, bytes) => {
  for (let length = 0; length < bytes.length - 1; length++)
    expect(readImage(bytes.subarray(0, length))).toBeUndefined();
});

test("whatever follows the first bytes of a picture, it is told or not, and never fails", () => {
  const starts = Object.values(images).map((bytes) => bytes.subarray(0, 12));
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
      readImage(Buffer.concat([start, rest]));
    }),
  );
});
