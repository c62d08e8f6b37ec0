package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;

class ExperimentCorpusTest {
  @TempDir Path folder;

  private ExperimentCorpus corpora() {
    return new ExperimentCorpus(
        folder.resolve("data"), folder.resolve("made"), FileHash::of, notice -> {});
  }

  private void write(String file, String... lines) throws IOException {
    Path path = folder.resolve("data").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, String.join("\n", lines) + "\n");
  }

  private Path gzip(String file, String content) throws IOException {
    Path packed = folder.resolve("data").resolve(file);
    Files.createDirectories(packed.getParent());
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return packed;
  }

  /** Parts in the order of their names, whether or not a pair is scored. */
  @Test
  void pairsThatWerePublished() throws IOException {
    write("sts/original/STS2015-gold/STS.input.images.txt", "a b\tc", "d\te f \tsource");
    write("sts/original/STS2015-gold/STS.input.belief.txt", "g\th");
    write("sts/original/STS2015-gold/STS.gs.images.txt", "1", "");
    write("sts/original/STS2016/headlines.test.tsv", "3\ti\tj", "\tk\tl");
    assertThat(corpora().of("published-pairs-2015")).hasContent("g\th\na b\tc\nd\te f\n");
    assertThat(corpora().of("published-pairs-2016")).hasContent("i\tj\nk\tl\n");
  }

  /** Text that several files of a folder hold is counted once. */
  @Test
  void frequentWordsOfTheEncyclopediaOnce() throws IOException {
    gzip("corpora/enwiki2015-train-0.txt.gz", "the river the sea\n");
    gzip("corpora/enwiki2015-longdocs-train-0.txt.gz", "river river longer\n");
    assertThat(corpora().of("frequent-words")).hasContent("the\nriver\nsea\n");
  }

  /** Of pairs in their order, each text once; a question may have several sentences. */
  @Test
  void questionsWithTheirSentences() throws IOException {
    gzip("qnli/squad-train-10k.question-answersentence.tsv.gz", "who?\ta b\nwhen?\ta b\nwho?\tc\n");
    assertThat(corpora().of("answer-sentences")).hasContent("a b\nc\n");
    assertThat(corpora().of("questions-and-answer-sentences")).hasContent("who?\na b\nwhen?\nc\n");
  }

  /** What 'mirror4j data' says is there is found, gzipped or not. */
  @Test
  void theOtherFormOfAFileStandsForIt() throws IOException {
    write("qnli/squad-train-10k.question-answersentence.tsv", "who?\ta b");
    assertThat(corpora().of("answer-sentences")).hasContent("a b\n");
    Path packed = gzip("mirror_corpus/words.txt.gz", "a\n");
    assertThat(corpora().of("mirror_corpus/words.txt")).isEqualTo(packed);
    write("mirror_corpus/words.txt", "a");
    assertThat(corpora().of("mirror_corpus/words.txt"))
        .isEqualTo(folder.resolve("data/mirror_corpus/words.txt"));
  }

  /** A file of a pattern is one file, in the form of the pattern where that is there. */
  @Test
  void theOtherFormIsOfAPatternToo() throws IOException {
    write("corpora/b-1.txt", "b");
    Path packed = gzip("corpora/b-0.txt.gz", "a\n");
    write("corpora/b-0.txt", "a");
    Path plain = folder.resolve("data/corpora/b-1.txt");
    assertThat(corpora().all(List.of("corpora/b-*.txt.gz"))).containsExactly(packed, plain);
    assertThat(corpora().all(List.of("corpora/b-*.txt")))
        .containsExactly(folder.resolve("data/corpora/b-0.txt"), plain);
  }

  @Test
  void refusesWhatIsNoPair() throws IOException {
    write("sts/original/STS2016/headlines.test.tsv", "3\ti");
    assertThatThrownBy(() -> corpora().of("published-pairs-2016"))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("headlines.test.tsv:1: '3?i', expected two sentences");
    assertThatThrownBy(() -> corpora().of("published-pairs-2015"))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("no such file; mirror4j data says where it comes from");
  }
}
