package org.mirror4j.method.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.support.ForkedJava;
import org.mirror4j.support.LiveHeap;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.TinyRun;

/** What training holds of a corpus, by what can be reached in the heap. */
class CorpusMemoryTest {
  /** Both are more than a block, so that the blocks are as large. */
  private static final int FEW = 40_000, MANY = 200_000;

  private static final int BATCH = 200;

  @TempDir Path folder;

  /** The order of an epoch is 4 bytes an item; of the texts nothing grows. */
  @Test
  void fourBytesALine() throws IOException {
    for (int lines : new int[] {FEW, MANY}) {
      Files.write(
          folder.resolve("" + lines),
          (Iterable<String>) IntStream.range(0, lines).mapToObj("ba da %07d"::formatted)::iterator);
    }
    String printed =
        ForkedJava.run(
            Run.class, jar -> false, "-XX:+UseSerialGC", "-Xmx64m", "-Dfolder=" + folder);
    assertThat(printed).matches("-?\\d+");
    assertThat((double) Long.parseLong(printed) / (MANY - FEW)).isBetween(4.0, 4.5);
  }

  /** Prints how many bytes more the larger corpus takes, when the first batch of it is there. */
  static final class Run {
    public static void main(String[] arguments) {
      held(FEW); // what is made once in a process is made
      long few = held(FEW);
      System.out.println(held(MANY) - few);
    }

    private static long held(int lines) {
      Path file = Path.of(System.getProperty("folder")).resolve("" + lines);
      try (Corpus corpus = Corpus.read(file, Corpus.Options.DEFAULT);
          Tokenizer tokenizer = Tokenizer.wordPiece(TinyRun.vocabulary(), true)) {
        MirrorBlocks blocks =
            new MirrorBlocks(
                TinyRun.config(),
                TinyRun.mirrorSettings(1, BATCH, 3),
                corpus,
                tokenizer,
                BATCH,
                1,
                MirrorBlocks.ITEMS);
        MirrorBlocks.Place place = blocks.get(1);
        place.block().batch(place.step());
        return LiveHeap.bytes() + (blocks.get(1).step() - place.step());
      }
    }
  }
}
