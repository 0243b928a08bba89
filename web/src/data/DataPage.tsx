import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError } from "../api";
import { texts } from "../texts";
import { Notice } from "../ui/Notice";
import { type Data, dataApi, type Encoder } from "./dataApi";
import { Disk } from "./Disk";
import { Encoders } from "./Encoders";
import { count } from "./format";
import { Partitions } from "./Partitions";
import { Work } from "./Work";
import "../ui/page.css";
import "./data.css";

const lookAgainMilliseconds = 3000;

/** What the project holds: partitions and their health, encoders and how they were trained, what runs, disk use. */
export default function DataPage() {
  const [data, setData] = useState<Data | null>(null);
  const [encoders, setEncoders] = useState<Encoder[]>([]);
  const [fault, setFault] = useState<string | null>(null);

  const read = useCallback(async () => {
    try {
      const [now, all] = await Promise.all([dataApi.data(), dataApi.encoders()]);
      setData(now);
      setEncoders(all);
      setFault(null);
    } catch (error) {
      setFault(error instanceof ApiError ? error.message : texts.failed.offline);
    }
  }, []);
  useEffect(() => void read(), [read]);

  const alive = data !== null && (data.running.length > 0 || data.stages.some((stage) => stage.state === "running"));
  useEffect(() => {
    if (!alive) return;
    const timer = setInterval(read, lookAgainMilliseconds);
    return () => clearInterval(timer);
  }, [alive, read]);

  if (!data) return fault ? <Notice title={texts.failed.title} text={fault} action={{ text: texts.failed.retry, onClick: read }} /> : <Notice title={texts.loading} busy />;
  return (
    <main class="page data">
      <h1>{texts.data.title}</h1>
      {fault && (
        <p class="problem" role="alert">
          {fault}
        </p>
      )}
      <p class="muted">{texts.data.summary(count(data.images), data.partitions.length)}</p>
      <Partitions partitions={data.partitions} />
      <Encoders encoders={encoders} />
      <Work data={data} />
      <Disk disk={data.disk} />
    </main>
  );
}
