package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;

/** Event files of TensorBoard, read back by a reader that has nothing in common with the writer. */
class EventFileTest {
  @TempDir Path folder;
  private Path corpus;

  /**
   * What a record holds.
   *
   * @param version of the first record
   * @param session its status, 1 for a start
   * @param tag of a scalar
   */
  private record Event(
      double wallTime, long step, String version, long session, String tag, float value) {}

  @BeforeEach
  void makeCorpus() {
    corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(40, 3));
  }

  private TinyRun.Recorder pretrain(String output, boolean resume, int lastStep, Path events) {
    TinyRun.Recorder heard = new TinyRun.Recorder(lastStep);
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          TinyRun.pretraining(corpus, 1),
          folder.resolve(output),
          new RunOptions(2, resume, false).with(Optional.of(events)),
          heard);
    }
    return heard;
  }

  private static List<Path> files(Path events) throws IOException {
    try (Stream<Path> all = Files.list(events)) {
      return all.sorted().toList();
    }
  }

  /** Six steps, each third with the held-out loss, and that before the first. */
  @Test
  void everyStepIsThere() throws IOException {
    Path folderOfEvents = folder.resolve("runs/one");
    TinyRun.Recorder heard = pretrain("out", false, Integer.MAX_VALUE, folderOfEvents);
    List<Path> files = files(folderOfEvents);
    assertThat(files).hasSize(1);
    assertThat(files.getFirst().getFileName().toString())
        .matches("events\\.out\\.tfevents\\.\\d{10}\\.mirror4j\\.0");
    List<Event> events = read(files.getFirst());
    assertThat(events.get(0).version).isEqualTo("brain.Event:2");
    assertThat(events.get(1).session).isEqualTo(1);
    assertThat(events.get(1).step).isZero();
    double now = System.currentTimeMillis() * 1e-3;
    assertThat(events)
        .allSatisfy(event -> assertThat(event.wallTime).isCloseTo(now, within(3600.0)));
    assertThat(scalars(events, "loss"))
        .isEqualTo(
            heard.steps.stream()
                .map(step -> step.step() + " " + (float) step.loss().total())
                .toList());
    assertThat(scalars(events, "learningRate"))
        .isEqualTo(
            heard.steps.stream()
                .map(step -> step.step() + " " + (float) step.learningRate())
                .toList());
    assertThat(scalars(events, "tokensPerSecond")).hasSize(6);
    List<String> heldOut = new ArrayList<>();
    heldOut.add("0 " + (float) -heard.untrained.quality());
    heard.steps.forEach(
        step ->
            step.heldOut()
                .ifPresent(value -> heldOut.add(step.step() + " " + (float) -value.quality())));
    assertThat(scalars(events, "heldOutLoss")).isEqualTo(heldOut).hasSize(3);
  }

  /** Killed after step 5, from the checkpoint of step 4 on, in a file that comes later by name. */
  @Test
  void aRunThatGoesOnWritesAnotherFile() throws IOException {
    Path events = folder.resolve("events");
    assertThatThrownBy(() -> pretrain("out", false, 5, events)).isInstanceOf(TinyRun.Killed.class);
    pretrain("out", true, Integer.MAX_VALUE, events);
    List<Path> files = files(events);
    assertThat(files).hasSize(2);
    assertThat(steps(read(files.get(0)))).containsExactly(1L, 2L, 3L, 4L, 5L);
    List<Event> second = read(files.get(1));
    assertThat(second.get(1).session).isEqualTo(1);
    assertThat(second.get(1).step).isEqualTo(5);
    assertThat(steps(second)).containsExactly(5L, 6L);
  }

  private static List<Long> steps(List<Event> events) {
    return events.stream().filter(event -> "loss".equals(event.tag)).map(Event::step).toList();
  }

  /** Metrics are no part of a result. */
  @Test
  void theOutputIsTheSame() throws IOException {
    pretrain("with", false, Integer.MAX_VALUE, folder.resolve("events"));
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          TinyRun.pretraining(corpus, 1),
          folder.resolve("without"),
          new RunOptions(2, false, false),
          new TinyRun.Recorder());
    }
    for (String file : List.of("model.safetensors", "mirror4j.json", "README.md")) {
      assertThat(folder.resolve("with").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("without").resolve(file));
    }
  }

  /** The output appears as a whole. */
  @Test
  void eventsLieOutsideTheOutput() {
    for (String inside : List.of("out", "out/events", "out.training/events")) {
      assertThatThrownBy(() -> pretrain("out", false, 9, folder.resolve(inside)))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("lies in the output")
          .hasMessageContaining("expected another folder for --tensorboard");
    }
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private static List<String> scalars(List<Event> events, String tag) {
    return events.stream()
        .filter(event -> tag.equals(event.tag))
        .map(event -> event.step + " " + event.value)
        .toList();
  }

  /** Reads a file of records, and holds each to both of its checksums. */
  private static List<Event> read(Path file) {
    List<Event> events = new ArrayList<>();
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      while (bytes.hasRemaining()) {
        int start = bytes.position();
        byte[] data = new byte[Math.toIntExact(bytes.getLong())];
        assertThat(bytes.getInt()).isEqualTo(checksum(bytes.array(), start, 8));
        bytes.get(data);
        assertThat(bytes.getInt()).isEqualTo(checksum(data, 0, data.length));
        events.add(event(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return events;
  }

  /** CRC-32C bit by bit, with the polynomial of Castagnoli reversed; rotated and shifted. */
  private static int checksum(byte[] bytes, int from, int count) {
    int crc = -1;
    for (int i = from; i < from + count; i++) {
      crc ^= bytes[i] & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
      }
    }
    crc = ~crc;
    return (crc >>> 15 | crc << 17) + 0xa282ead8;
  }

  private static Event event(ByteBuffer message) {
    double wallTime = 0;
    long step = 0;
    String version = null;
    long session = 0;
    String tag = null;
    float value = 0;
    while (message.hasRemaining()) {
      long key = varint(message);
      switch ((int) key) {
        case 1 << 3 | 1 -> wallTime = message.getDouble();
        case 2 << 3 -> step = varint(message);
        case 3 << 3 | 2 -> version = text(part(message));
        case 5 << 3 | 2 -> {
          ByteBuffer summary = part(message);
          assertThat(varint(summary)).isEqualTo(1 << 3 | 2);
          ByteBuffer scalar = part(summary);
          assertThat(summary.hasRemaining()).isFalse();
          assertThat(varint(scalar)).isEqualTo(1 << 3 | 2);
          tag = text(part(scalar));
          assertThat(varint(scalar)).isEqualTo(2 << 3 | 5);
          value = scalar.getFloat();
          assertThat(scalar.hasRemaining()).isFalse();
        }
        case 7 << 3 | 2 -> {
          ByteBuffer log = part(message);
          assertThat(varint(log)).isEqualTo(1 << 3);
          session = varint(log);
        }
        default -> throw new AssertionError("key " + key);
      }
    }
    return new Event(wallTime, step, version, session, tag, value);
  }

  private static long varint(ByteBuffer bytes) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static ByteBuffer part(ByteBuffer bytes) {
    int length = (int) varint(bytes);
    ByteBuffer part = bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(bytes.position() + length);
    return part;
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }
}
