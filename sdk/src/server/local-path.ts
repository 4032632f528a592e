/**
 * Where to go after signing in: `wanted` if it is a path of this site, else `fallback`. What came in
 * with the request may be anybody's address; this returns no other site's.
 */
export function localPath(wanted: string | null | undefined, fallback = "/"): string {
  // Browsers read "\" as "/" and leave out tabs and line ends, so "/\evil.example" is another site.
  return wanted && /^\/(?!\/)[^\\\p{Cc}]*$/u.test(wanted) ? wanted : fallback;
}
