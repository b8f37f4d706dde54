// The connections, rendered at each request.
import { read } from "../rows";
import { Table } from "../table";

export const dynamic = "force-dynamic";

export default function Connections() {
  const { headings, connections } = read();
  return <Table headings={headings} rows={connections} />;
}
