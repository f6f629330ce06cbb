/**
 * Puts numbers in the place of `LIMITS.maxTextBytes`. An object that several chunks read is shipped whole, with all its names, though a browser
 * needs only a few of its numbers.
 */
export const inlineConstants = (objects) => {
  const names = new RegExp(`(?<![.\\w$])(${Object.keys(objects).join('|')})\\.(\\w+)`, 'g');
  return {
    name: 'inline-constants',
    transform(code) {
      const inlined = code.replace(names, (whole, object, key) => {
        const value = objects[object][key];
        return typeof value === 'number' ? `${value}` : whole;
      });
      // Positions in a line move by a few characters; lines stay.
      return inlined === code ? null : { code: inlined, map: null };
    },
  };
};
