import { texts } from "../texts";
import type { Data } from "./dataApi";
import { bytes, count } from "./format";

const at = texts.data.disk;

/** What takes up how much, the largest first. */
export function Disk({ disk }: { disk: Data["disk"] }) {
  const most = Math.max(1, ...disk.kinds.map((kind) => kind.bytes));
  return (
    <section aria-labelledby="data-disk">
      <h2 id="data-disk">{at.title}</h2>
      <div class="panel">
        <p>{disk.free === null ? at.total(bytes(disk.total)) : at.totalFree(bytes(disk.total), bytes(disk.free))}</p>
        <table class="data-disk">
          <caption class="sr-only">{at.title}</caption>
          <tbody>
            {disk.kinds.map((kind) => (
              <tr key={kind.kind}>
                <th scope="row">{at.kinds[kind.kind] ?? kind.kind}</th>
                <td class="data-bar" aria-hidden="true">
                  <svg viewBox="0 0 100 8" preserveAspectRatio="none">
                    <rect width={(100 * kind.bytes) / most} height={8} />
                  </svg>
                </td>
                <td>{bytes(kind.bytes)}</td>
                <td class="muted">{at.files(count(kind.files), kind.files)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
