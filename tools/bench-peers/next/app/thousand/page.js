// A thousand rows, rendered at each request.
import { read } from "../../rows";
import { Table } from "../../table";

export const dynamic = "force-dynamic";

export default function Thousand() {
  return <Table headings={["ID", "Name"]} rows={read().thousand} />;
}
