package org.mirror4j.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.mirror4j.file.FileException;

/** The transfer of one file: broken off, gone on with, wrong. */
class BlobTest extends HubServerTest {
  @Test
  void aBrokenTransferGoesOnWhereItWas() throws IOException {
    byte[] weights = server.files.get(WEIGHTS);
    HubServer.Fault breaks = exchange -> HubServer.send(exchange, weights, 70_000);
    server.fault("GET /" + WEIGHTS, breaks, breaks, breaks);
    requireWhole(fetch());
    // What has come before the break is on the disk, whole or but for the last buffers.
    assertThat(ranges()).hasSize(4).startsWith("null");
    assertThat(ranges().subList(1, 4)).allMatch(range -> range.matches("bytes=\\d+-"));
    assertThat(notices).hasSize(3).allMatch(notice -> notice.contains("broken off after"));
  }

  @Test
  void theNextCommandGoesOnWithWhatIsThere() throws IOException {
    byte[] weights = server.files.get(WEIGHTS);
    HubServer.Fault down = exchange -> HubServer.status(exchange, 503);
    server.fault(
        "GET /" + WEIGHTS, exchange -> HubServer.send(exchange, weights, 99_999), down, down, down);
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("the same command goes on with it");
    assertThat(cache.find(NAME)).as("not a model before it is whole").isEmpty();
    long kept = Files.size(incomplete());
    assertThat(kept).isBetween(1L, 99_999L);
    server.requests.clear();
    requireWhole(fetch());
    assertThat(ranges()).containsExactly("bytes=" + kept + "-");
    assertThat(transfers).contains("model.safetensors %d of %d".formatted(kept, WEIGHT_BYTES));
  }

  @Test
  void aFullDiskIsSaidAtOnce() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "this system has no /dev/full");
    Files.createDirectories(incomplete().getParent());
    Files.createSymbolicLink(incomplete(), full);
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith("cannot write " + incomplete());
    assertThat(ranges()).as("asked once").containsExactly("null");
    assertThat(notices).isEmpty();
    Files.delete(incomplete());
  }

  @Test
  void aServerThatSendsNothingIsGivenUp() throws IOException {
    silence = Duration.ofMillis(500);
    byte[] weights = server.files.get(WEIGHTS);
    CountDownLatch over = new CountDownLatch(1);
    server.fault("GET /" + WEIGHTS, HubServer.stalls(weights, 50_000, over));
    try {
      requireWhole(fetch());
    } finally {
      over.countDown();
    }
    assertThat(ranges()).hasSize(2);
  }

  @Test
  void whatDoesNotFitIsDownloadedAnewOnce() throws IOException {
    Files.createDirectories(incomplete().getParent());
    Files.write(incomplete(), new byte[1000]);
    requireWhole(fetch());
    assertThat(ranges()).containsExactly("bytes=1000-", "null");
    assertThat(notices).hasSize(1);
  }

  /** Nothing is missing of it but the right content. */
  @Test
  void whatIsOfTheRightSizeAloneIsDownloadedAnewToo() throws IOException {
    Files.createDirectories(incomplete().getParent());
    Files.write(incomplete(), new byte[WEIGHT_BYTES]);
    requireWhole(fetch());
    assertThat(ranges()).containsExactly("null");
    assertThat(notices).hasSize(1);
  }

  @Test
  void aServerWithoutRangesBeginsAnew() throws IOException {
    Files.createDirectories(incomplete().getParent());
    Files.write(incomplete(), new byte[1000]);
    server.fault(
        "GET /" + WEIGHTS,
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHT_BYTES);
          exchange.getResponseBody().write(server.files.get(WEIGHTS));
          return true;
        });
    requireWhole(fetch());
    assertThat(notices).isEmpty();
  }

  @Test
  void wrongContentIsRefusedAndNotKept() {
    byte[] other = server.files.get(WEIGHTS).clone();
    other[WEIGHT_BYTES - 1] ^= 1;
    server.fault("GET /" + WEIGHTS, exchange -> HubServer.send(exchange, other));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageMatching("model.safetensors: its hash is \\p{XDigit}{64}, expected .*");
    assertThat(incomplete()).doesNotExist();
    assertThat(blob(WEIGHTS)).doesNotExist();
    assertThat(cache.find(NAME)).isEmpty();
    // That of a small file is another hash.
    server.fault(
        "GET " + HubServer.content("vocab.txt"),
        exchange -> HubServer.send(exchange, new byte[server.files.get("vocab.txt").length]));
    assertThatThrownBy(this::fetch)
        .hasMessageMatching("vocab.txt: its hash is \\p{XDigit}{40}, expected .*");
  }

  @Test
  void anotherSizeIsRefused() {
    byte[] longer = new byte[WEIGHT_BYTES + 1];
    server.fault("GET /" + WEIGHTS, exchange -> HubServer.send(exchange, longer));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessage("model.safetensors: is 300008 bytes long, expected 300007");
    server.fault(
        "GET /" + WEIGHTS,
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // in chunks, without a length
          exchange.getResponseBody().write(longer);
          return true;
        });
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessage("model.safetensors: longer than the 300007 bytes that it is said to be");
    server.fault(
        "GET /" + WEIGHTS,
        exchange -> {
          exchange.getResponseHeaders().set("Content-Encoding", "gzip");
          return HubServer.send(exchange, longer);
        });
    assertThatThrownBy(this::fetch).hasMessageContaining("encoding 'gzip'");
  }

  /** As that of a network that wants a login first. */
  @Test
  void aPageInItsPlaceLeavesWhatHasCome() throws IOException {
    Files.createDirectories(incomplete().getParent());
    byte[] half = Arrays.copyOf(server.files.get(WEIGHTS), WEIGHT_BYTES / 2);
    Files.write(incomplete(), half);
    server.fault(
        "GET /" + WEIGHTS,
        exchange -> {
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write("login".getBytes(StandardCharsets.US_ASCII));
          return true;
        });
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessage("model.safetensors: is 5 bytes long, expected 300007");
    assertThat(incomplete()).hasBinaryContent(half);
    server.fault(
        "GET /" + WEIGHTS,
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // in chunks, without a length
          exchange.getResponseBody().write("login".getBytes(StandardCharsets.US_ASCII));
          return true;
        });
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessage(
            "model.safetensors: comes from its beginning and without a length, expected it from"
                + " byte 150003 on; what has come is kept in "
                + incomplete());
    assertThat(incomplete()).hasBinaryContent(half);
    requireWhole(fetch());
    assertThat(ranges()).last().isEqualTo("bytes=" + half.length + "-");
  }
}
