/* On the sign-in page: what colleagues recently used on this device is theirs, not of whoever comes next. */
for (const key of Object.keys(localStorage)) {
  if (key.startsWith("amity-recent-")) localStorage.removeItem(key);
}
