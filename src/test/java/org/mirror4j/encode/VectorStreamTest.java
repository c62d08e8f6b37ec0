package org.mirror4j.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.search.Vectors;
import org.mirror4j.text.LineReader;
import org.mirror4j.train.TinyRun;

/** Chunks of three lines, against the encoder that is given each chunk by itself. */
class VectorStreamTest {
  private static final int CHUNK = 3;
  private static final long LATE_MILLIS = 60_000;

  @TempDir Path folder;
  private Device device;
  private LoadedModel model;
  private TextEncoder encoder;
  private List<String> texts;

  @BeforeEach
  void open() throws IOException {
    device = new HostDevice(1);
    model = new LoadedModel(device, TinyRun.model(folder.resolve("tiny"), TinyRun.parameters()));
    encoder = model.encoder(new TextEncoder.Options(Pooling.MEAN, 12, 4), Precision.F32);
    texts = TinyRun.texts(17, 3);
  }

  @AfterEach
  void close() {
    encoder.close();
    model.close();
    device.close();
  }

  private static LineReader reader(InputStream stream) {
    return new LineReader("lines", stream, 1000);
  }

  private LineReader lines() {
    return reader(
        new ByteArrayInputStream(String.join("\n", texts).getBytes(StandardCharsets.UTF_8)));
  }

  /** What is computed of lines in chunks that begin with the first of them. */
  private List<float[]> expected(int from, int to) {
    List<float[]> vectors = new ArrayList<>();
    for (int start = from; start < to; start += CHUNK) {
      vectors.addAll(List.of(encoder.encode(texts.subList(start, Math.min(start + CHUNK, to)))));
    }
    return vectors;
  }

  @Test
  void parts() {
    List<float[]> expected = new ArrayList<>();
    expected.addAll(expected(0, 7));
    expected.addAll(expected(9, 16));
    expected.addAll(expected(16, 17));
    List<Long> told = new ArrayList<>();
    try (LineReader lines = lines();
        VectorStream stream = new VectorStream(lines, lines.next(), encoder, CHUNK)) {
      List<float[]> vectors = new ArrayList<>();
      for (int part = 0; stream.hasNext(); part++) {
        if (part == 1) {
          assertThat(stream.skip(2)).isEqualTo(2);
        } else {
          Path npy = folder.resolve("part" + part + ".npy");
          try (VectorWriter writer = new NpyWriter(npy, encoder.dimensions())) {
            assertThat(stream.write(writer, 7, told::add)).isEqualTo(part < 3 ? 7 : 1);
            writer.finish();
          }
          try (Vectors written = Vectors.map(npy)) {
            for (int row = 0; row < written.size(); row++) {
              vectors.add(written.get(row));
            }
          }
        }
      }
      assertThat(vectors.toArray(float[][]::new)).isDeepEqualTo(expected.toArray(float[][]::new));
    }
    assertThat(told).containsExactly(3L, 6L, 3L, 6L);
  }

  /** In the second chunk: the first one is written, and the failure is that of the cause. */
  @Test
  void failuresOfEachSide() {
    assertFails(
        new NpyWriter(folder.resolve("a.npy"), encoder.dimensions() + 1),
        lines(),
        IllegalArgumentException.class,
        "values, expected");
    byte[] half = (String.join("\n", texts.subList(0, 4)) + "\n").getBytes(StandardCharsets.UTF_8);
    InputStream broken =
        new InputStream() {
          private int at;

          @Override
          public int read() throws IOException {
            if (at == half.length) {
              throw new IOException("the cable is out");
            }
            return half[at++];
          }
        };
    assertFails(
        new NpyWriter(folder.resolve("b.npy"), encoder.dimensions()),
        reader(broken),
        RuntimeException.class,
        "the cable is out");
  }

  private void assertFails(
      VectorWriter writer, LineReader lines, Class<? extends Throwable> kind, String message) {
    try (writer;
        lines;
        VectorStream stream = new VectorStream(lines, null, encoder, CHUNK)) {
      assertThatThrownBy(() -> stream.write(writer, Long.MAX_VALUE, done -> {}))
          .isInstanceOf(kind)
          .hasMessageContaining(message);
    }
    assertThat(folder.resolve("a.npy")).doesNotExist();
    assertThat(folder.resolve("b.npy")).doesNotExist();
  }

  /**
   * A pipe that stays open without lines does not hide that nobody takes vectors any more. The end
   * of the pipe would end a stream that has not heard of it, and is seen.
   */
  @Test
  void aWriterThatFailsWhileLinesAreWaitedFor() throws Exception {
    AtomicBoolean late = new AtomicBoolean();
    PipedOutputStream slow = new PipedOutputStream();
    try (PipedInputStream pipe = new PipedInputStream(slow, 1 << 16);
        VectorWriter writer = new NpyWriter(folder.resolve("c.npy"), 1)) {
      // More than the reader looks at before its first line.
      slow.write(("a ".repeat(20_000) + "\nb\nc\n").getBytes(StandardCharsets.UTF_8));
      Thread end =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      Thread.sleep(LATE_MILLIS);
                      late.set(true);
                      slow.close();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  });
      try (VectorStream stream = new VectorStream(reader(pipe), null, encoder, CHUNK)) {
        assertThatThrownBy(() -> stream.write(writer, Long.MAX_VALUE, done -> {}))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("values, expected 1");
      }
      end.interrupt();
      end.join();
      slow.close();
    }
    assertThat(late).isFalse();
  }

  @Test
  void nothing() {
    try (LineReader lines = reader(InputStream.nullInputStream());
        VectorStream stream = new VectorStream(lines, null, encoder, CHUNK);
        VectorWriter writer = new NpyWriter(folder.resolve("d.npy"), encoder.dimensions())) {
      assertThat(stream.hasNext()).isFalse();
      assertThat(stream.write(writer, Long.MAX_VALUE, done -> {})).isZero();
    }
  }
}
