import { useState } from "preact/hooks";
import { texts } from "../texts";
import type { Partition } from "./dataApi";
import { bytes, count } from "./format";
import { HealthOf } from "./HealthOf";

const at = texts.data.partitions;

/** One panel a partition; its health is read when it is opened. */
export function Partitions({ partitions }: { partitions: Partition[] }) {
  return (
    <section aria-labelledby="data-partitions">
      <h2 id="data-partitions">{at.title}</h2>
      {partitions.length === 0 && <p class="muted">{at.none}</p>}
      <ul class="rows">
        {partitions.map((partition) => (
          <li key={partition.number} class="panel data-partition">
            <PartitionPanel partition={partition} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function PartitionPanel({ partition }: { partition: Partition }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <div class="data-head">
        <h3>{partition.name}</h3>
        <span class="data-number">{at.images(count(partition.images))}</span>
      </div>
      <dl class="data-facts">
        <Fact name={at.embedded} values={partition.embeddedWith} none={at.notEmbedded} />
        <Fact name={at.indexed} values={partition.indexedWith} none={at.notIndexed} />
        <Fact name={at.marked} values={Object.entries(partition.marked).map(([mark, images]) => `${at.marks[mark] ?? mark} ${count(images)}`)} none={at.noneMarked} />
        <Fact name={at.refused} values={Object.entries(partition.refused).map(([reason, files]) => `${at.reasons[reason] ?? reason} ${count(files)}`)} none={at.noneRefused} />
        <Fact name={at.size} values={[bytes(partition.bytes)]} none="" />
      </dl>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{at.health}</summary>
        {open && <HealthOf partition={partition.number} />}
      </details>
    </>
  );
}

function Fact({ name, values, none }: { name: string; values: string[]; none: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={values.length === 0 ? "muted" : ""}>{values.length === 0 ? none : values.join(" · ")}</dd>
    </div>
  );
}
