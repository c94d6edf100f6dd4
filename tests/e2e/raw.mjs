import { once } from "node:events";
import { connect } from "node:net";

// HTTP as bytes, where a library would not send what a test has to: malformed heads, many requests
// in one write, a body that never ends.

// One request's text. `headers` is an object; Host and Content-Length are added where they are
// not given.
export function requestText(method, target, headers = {}, body = "") {
  const all = { Host: "localhost", ...headers };
  if (body && !("Content-Length" in all) && !("Transfer-Encoding" in all)) {
    all["Content-Length"] = Buffer.byteLength(body);
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${target} HTTP/1.1\r\n${lines}\r\n${body}`;
}

// Cuts the first complete response off `bytes`: [{status, headers, body}, rest], or null while it
// is not complete. Names of headers are in lower case; all responses of ours have a length.
function takeResponse(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) {
    return null;
  }
  const [statusLine, ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const length = Number(headers["content-length"] ?? 0);
  if (bytes.length < end + 4 + length) {
    return null;
  }
  const body = bytes.subarray(end + 4, end + 4 + length).toString();
  return [{ status: Number(statusLine.split(" ")[1]), headers, body },
    bytes.subarray(end + 4 + length)];
}

// A connection that sends exactly what it is given.
export class RawConnection {
  #bytes = Buffer.alloc(0);
  closed = false;

  constructor(socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (more) => {
      this.#bytes = Buffer.concat([this.#bytes, more]);
    });
    socket.on("error", () => {});
    // Like a client that is content: the server need not linger for it.
    socket.on("end", () => {
      this.#end();
      socket.end();
    });
    socket.on("close", () => this.#end());
  }

  #end() {
    this.closed = true;
    this.socket.emit("ended");
  }

  static async open(t, port, localAddress = "127.0.0.1") {
    const socket = connect({ port, host: "127.0.0.1", localAddress, allowHalfOpen: true });
    await once(socket, "connect");
    t.after(() => socket.destroy());
    return new RawConnection(socket);
  }

  send(bytes) {
    this.socket.write(bytes);
  }

  // The next response; null when the server closed the connection without a complete one.
  async response() {
    while (true) {
      const taken = takeResponse(this.#bytes);
      if (taken) {
        this.#bytes = taken[1];
        return taken[0];
      }
      if (this.closed) {
        return null;
      }
      await Promise.race([once(this.socket, "data"), once(this.socket, "ended")]);
    }
  }

  // Resolves when the server has closed its side.
  async untilClosed() {
    if (!this.closed) {
      await once(this.socket, "ended");
    }
  }
}

// Sends the bytes over a connection of their own and gives the first response and whether the
// server closed the connection after it.
export async function exchange(t, port, bytes) {
  const connection = await RawConnection.open(t, port);
  connection.send(bytes);
  const response = await connection.response();
  const closes = response?.headers.connection === "close";
  if (closes) {
    await connection.untilClosed();
  }
  connection.socket.destroy();
  return response && { ...response, closes };
}
