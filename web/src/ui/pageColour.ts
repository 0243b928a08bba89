/** One of the page's colours as it is now, as red, green and blue from 0 to 255: a canvas knows no custom properties and no light-dark(). */
export function pageColour(element: Element, name: string): [number, number, number] {
  const probe = document.createElement("span");
  // Where motion is reduced every change takes a millisecond, and until then the old colour is read.
  probe.style.transition = "none";
  probe.style.color = `var(--${name})`;
  element.append(probe);
  const [red, green, blue] = getComputedStyle(probe).color.match(/\d+/g)!.map(Number);
  probe.remove();
  return [red!, green!, blue!];
}
