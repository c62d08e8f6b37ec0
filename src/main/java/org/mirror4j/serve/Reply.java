package org.mirror4j.serve;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The body of an answer: a short one with its length, a long one in chunks as it is made. The
 * status goes out with the first bytes, so that what fails before has another one. To {@code HEAD}
 * there is no body.
 */
final class Reply extends OutputStream {
  private static final int SHORT = 1 << 14;

  private final HttpExchange exchange;
  private final int status;
  private final boolean hasBody;
  private final byte[] first = new byte[SHORT];
  private int buffered;

  /** Null until the answer is a long one. */
  private OutputStream rest;

  Reply(HttpExchange exchange, int status, String contentType) {
    this.exchange = exchange;
    this.status = status;
    hasBody = !exchange.getRequestMethod().equals("HEAD");
    exchange.getResponseHeaders().set("Content-Type", contentType);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] source, int from, int length) throws IOException {
    if (!hasBody) {
      return;
    }
    if (rest == null && buffered + length <= SHORT) {
      System.arraycopy(source, from, first, buffered, length);
      buffered += length;
      return;
    }
    if (rest == null) {
      exchange.sendResponseHeaders(status, 0);
      rest = exchange.getResponseBody();
      rest.write(first, 0, buffered);
    }
    rest.write(source, from, length);
  }

  @Override
  public void close() throws IOException {
    if (rest != null) {
      rest.close();
      return;
    }
    exchange.sendResponseHeaders(status, buffered == 0 ? -1 : buffered);
    if (buffered > 0) {
      exchange.getResponseBody().write(first, 0, buffered);
      // Else it would go out after what is left of the request has come.
      exchange.getResponseBody().flush();
    }
  }
}
