import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api";
import { texts } from "../texts";
import { dataApi, type Health } from "./dataApi";
import { count, day } from "./format";

const at = texts.data.health;

/** What is odd about a partition's pictures, with a few of each kind. */
export function HealthOf({ partition }: { partition: number }) {
  const [health, setHealth] = useState<Health | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    dataApi.health(partition).then(setHealth, (error) => setFault(error instanceof ApiError ? error.message : texts.failed.offline));
  }, [partition]);
  if (fault)
    return (
      <p class="problem" role="alert">
        {fault}
      </p>
    );
  if (!health) return <p class="muted">{at.reading}</p>;
  const most = Math.max(1, ...health.luma);
  const share = (part: number) => (health.read === 0 ? "0 %" : `${((100 * part) / health.read).toFixed(part > 0 && part < health.read / 100 ? 2 : 0)} %`);
  return (
    <div class="data-health">
      {health.read < health.images && <p class="muted">{at.sampled(count(health.read), count(health.images))}</p>}
      <table>
        <caption class="sr-only">{at.title}</caption>
        <tbody>
          {Object.entries(health.problems).map(([problem, images]) => (
            <tr key={problem}>
              <th scope="row">{at.problems[problem] ?? problem}</th>
              <td>{count(images)}</td>
              <td>{share(images)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">{at.sameBytes}</th>
            <td>{count(health.sameBytes)}</td>
            <td>{share(health.sameBytes)}</td>
          </tr>
          <tr>
            <th scope="row">{at.placed}</th>
            <td>{count(health.placed)}</td>
            <td>{share(health.placed)}</td>
          </tr>
          <tr>
            <th scope="row">{health.first && health.last ? at.datedBetween(day(health.first), day(health.last)) : at.dated}</th>
            <td>{count(health.dated)}</td>
            <td>{share(health.dated)}</td>
          </tr>
        </tbody>
      </table>
      <p class="muted">{at.sizes(health.sizes.map((size) => `${size.width} × ${size.height}`).join(", "))}</p>
      <figure class="data-luma">
        <svg viewBox="0 0 160 40" role="img" aria-label={at.luma} preserveAspectRatio="none">
          {health.luma.map((images, step) => (
            <rect key={step} x={step * 10 + 1} width={8} y={40 - (38 * images) / most} height={(38 * images) / most} />
          ))}
        </svg>
        <figcaption class="muted">{at.lumaScale}</figcaption>
      </figure>
      {health.examples.map(({ problem, images }) => (
        <div key={problem}>
          <h4>{at.problems[problem] ?? problem}</h4>
          <ul class="data-odd">
            {images.map((image) => (
              <li key={image.imageId}>
                <img src={`${image.picture}&size=128`} alt={texts.picture(image.imageId)} loading="lazy" />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
