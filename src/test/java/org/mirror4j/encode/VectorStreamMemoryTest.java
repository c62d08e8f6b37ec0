package org.mirror4j.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.support.ForkedJava;
import org.mirror4j.support.LiveHeap;
import org.mirror4j.text.LineReader;
import org.mirror4j.train.TinyRun;

/** What a stream of vectors holds, by what can be reached in the heap while it runs. */
class VectorStreamMemoryTest {
  private static final int CHUNK = 256, FEW = 80 * CHUNK, MANY = 320 * CHUNK;

  /** Texts, ids and vectors of the chunks that are read, computed and written meanwhile. */
  private static final long CHUNKS_BYTES = 3 * CHUNK * 500;

  @TempDir Path folder;

  @Test
  void nothingOfALineStays() {
    TinyRun.model(folder.resolve("model"), TinyRun.parameters());
    String printed =
        ForkedJava.run(
            Run.class, jar -> false, "-XX:+UseSerialGC", "-Xmx64m", "-Dfolder=" + folder);
    assertThat(printed).matches("-?\\d+");
    // An object has at least eight.
    assertThat(Long.parseLong(printed)).isLessThan(CHUNKS_BYTES);
    assertThat(CHUNKS_BYTES / (MANY - FEW)).as("bytes a line that would not be seen").isLessThan(8);
  }

  /** Prints how many bytes more are held after many lines than after few. */
  static final class Run {
    public static void main(String[] arguments) {
      Path model = Path.of(System.getProperty("folder")).resolve("model");
      try (Device device = new HostDevice(1);
          LoadedModel loaded = new LoadedModel(device, model);
          TextEncoder encoder =
              loaded.encoder(new TextEncoder.Options(Pooling.MEAN, 8, CHUNK), Precision.F32);
          LineReader lines = new LineReader("lines", lines(), 100);
          VectorStream stream = new VectorStream(lines, null, encoder, CHUNK);
          VectorWriter writer =
              new NpyWriter(model.resolveSibling("vectors.npy"), encoder.dimensions())) {
        Held held = new Held();
        stream.write(writer, Long.MAX_VALUE, held);
        System.out.println(held.afterMany - held.afterFew);
      }
    }

    private static InputStream lines() {
      return new SequenceInputStream(
          new Enumeration<>() {
            private int line;

            @Override
            public boolean hasMoreElements() {
              return line < MANY + 4 * CHUNK;
            }

            @Override
            public InputStream nextElement() {
              return new ByteArrayInputStream(
                  "ba da %07d\n".formatted(line++).getBytes(StandardCharsets.UTF_8));
            }
          });
    }
  }

  /** Looks when so many are written. */
  private static final class Held implements LongConsumer {
    private long afterFew;
    private long afterMany;

    @Override
    public void accept(long written) {
      if (written == FEW) {
        afterFew = LiveHeap.bytes();
      } else if (written == MANY) {
        afterMany = LiveHeap.bytes();
      }
    }
  }
}
