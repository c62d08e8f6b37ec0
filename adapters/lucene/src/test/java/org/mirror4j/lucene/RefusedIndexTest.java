package org.mirror4j.lucene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;

class RefusedIndexTest {
  private static IndexModel model;
  private static List<Item> items;

  @TempDir Path folder;
  private Path path;

  @BeforeAll
  static void load() {
    model = IndexModel.bundled(Words.SMALL_BATCHES);
    items = Words.items(Words.list(0, 200));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @BeforeEach
  void write() {
    path = folder.resolve("words");
    Words.write(path, model, items);
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> TextIndex.open(path, model).close())
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(path + ": ")
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  /** Where the model lies and what it is called changes nothing; one bit of a weight does. */
  @Test
  void anotherModel() throws Exception {
    Path same = Words.copyOfModel(folder.resolve("same"));
    try (IndexModel copy = IndexModel.load(same, Words.SMALL_BATCHES)) {
      assertThatCode(() -> TextIndex.open(path, copy).close()).doesNotThrowAnyException();
    }
    Path weights = Words.copyOfModel(folder.resolve("other")).resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 4] ^= 1;
    Files.write(weights, bytes);
    assertOther("other");
    Path settings = Words.copyOfModel(folder.resolve("cls")).resolve("mirror4j.json");
    String said = Files.readString(settings);
    String pooled = said.replace("\"format\" : 1,", "\"format\" : 1, \"pooling\" : \"cls\",");
    assertThat(pooled).isNotEqualTo(said);
    Files.writeString(settings, pooled);
    assertOther("cls");
  }

  private void assertOther(String name) {
    try (IndexModel other = IndexModel.load(folder.resolve(name), Words.SMALL_BATCHES)) {
      assertThatThrownBy(() -> TextIndex.open(path, other))
          .isInstanceOf(FileException.class)
          .hasMessageContainingAll(
              path.toString(),
              "made with the model bundled (" + model.hash().substring(0, 12) + ")",
              "asked with %s (%s)".formatted(name, other.hash().substring(0, 12)));
    }
  }

  /** Each file of it cut, with one bit of another value in its middle, and gone. */
  @Test
  void damaged() throws Exception {
    List<Path> files = files(path);
    assertThat(files).hasSizeGreaterThanOrEqualTo(4);
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, whole.length / 2));
      assertRefused("");
      byte[] changed = whole.clone();
      changed[whole.length / 2] ^= 4;
      Files.write(file, changed);
      assertRefused("");
      Files.delete(file);
      assertRefused("");
      Files.write(file, whole);
    }
    assertThatCode(() -> TextIndex.open(path, model).close()).doesNotThrowAnyException();
  }

  /** A writer that fails leaves nothing, and an index that was there as it was. */
  @Test
  void halfWritten() throws Exception {
    Iterator<Item> failing =
        Stream.concat(
                items.stream(),
                Stream.generate(
                    () -> {
                      throw new IllegalStateException("no more");
                    }))
            .map(Item.class::cast)
            .iterator();
    Path half = folder.resolve("half");
    assertThatThrownBy(() -> Words.write(half, model, failing)).hasMessage("no more");
    assertThat(files(folder)).containsExactly(path);
    assertThatThrownBy(
            () -> TextIndexWriter.write(path, true, model, List.<Item>of().iterator(), done -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are no items, expected at least one to index");
    assertThat(files(folder)).containsExactly(path);
    try (TextIndex index = TextIndex.open(path, model)) {
      assertThat(index.size()).isEqualTo(items.size());
    }
  }

  /** A merge runs in a thread of Lucene's; what it meets is told to the caller. */
  @Test
  void aMergeThatFails() throws Exception {
    List<Item> many = Words.items(Words.list(0, 3_000));
    Path full = folder.resolve("full");
    assertThatThrownBy(
            () ->
                TextIndexWriter.write(
                    full, false, model, many.iterator(), done -> {}, 0.1, FullForMerges::new))
        .isInstanceOf(FileException.class)
        .hasMessage("cannot write %s: No space left on device".formatted(full));
    assertThat(files(folder)).containsExactly(path);
  }

  /** A folder on a disk that is full when segments are merged. */
  private static final class FullForMerges extends FilterDirectory {
    FullForMerges(Directory files) {
      super(files);
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      if (context.context() == IOContext.Context.MERGE) {
        throw new IOException("No space left on device");
      }
      return super.createOutput(name, context);
    }
  }

  @Test
  void anotherFormat() {
    String json = "{\"format\": 2, \"else\": true}";
    assertThatThrownBy(() -> IndexRecord.fromCommit(Map.of("mirror4j", json), path))
        .isInstanceOf(FileException.class)
        .hasMessage(path + ": format is 2, expected 1: written by a newer version?");
  }

  @Test
  void vectorsThatAreNotFinite() {
    assertThatThrownBy(() -> UnitVector.of(new float[] {0, Float.NaN}, "a cup"))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("the vector of 'a cup' is not finite: an element is NaN");
  }

  /** What Lucene has written without a commit is there as long as nobody clears it up. */
  @Test
  void withoutACommit() throws Exception {
    path = folder.resolve("killed");
    try (FSDirectory directory = FSDirectory.open(path);
        IndexWriter writer =
            new IndexWriter(directory, new IndexWriterConfig().setCommitOnClose(false))) {
      writer.addDocument(new Document());
      writer.flush();
      assertRefused("no index that is whole");
    }
  }

  @Test
  void otherKinds() throws Exception {
    path = folder.resolve("absent");
    assertRefused("no such directory");
    path = Files.writeString(folder.resolve("file"), "text");
    assertRefused("is a file");
    path = Files.createDirectory(folder.resolve("empty"));
    assertRefused("no index that is whole");
    path = folder.resolve("foreign");
    try (FSDirectory directory = FSDirectory.open(path);
        IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      Document document = new Document();
      document.add(new StoredField("text", "a cup of tea"));
      writer.addDocument(document);
    }
    assertRefused("does not say its model");
  }

  @Test
  void outputsThatAreThere() throws Exception {
    assertThatThrownBy(() -> Words.write(path, model, items))
        .isInstanceOf(FileException.class)
        .hasMessage(path + ": is an index already, expected --overwrite to replace it");
    TextIndexWriter.write(path, true, model, items.subList(0, 5).iterator(), done -> {});
    try (TextIndex index = TextIndex.open(path, model)) {
      assertThat(index.size()).isEqualTo(5);
    }
    Path letters = Files.createDirectory(folder.resolve("letters"));
    Files.writeString(letters.resolve("letter.txt"), "dear", StandardCharsets.UTF_8);
    assertThatThrownBy(
            () -> TextIndexWriter.write(letters, true, model, items.iterator(), done -> {}))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("letters: exists already and is not empty");
    assertThat(letters.resolve("letter.txt")).hasContent("dear");
    Files.writeString(path.resolve("letter.txt"), "dear");
    assertThatThrownBy(() -> TextIndexWriter.write(path, true, model, items.iterator(), done -> {}))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("'letter.txt' is no file of the index there and would be lost");
    assertThat(path.resolve("letter.txt")).hasContent("dear");
  }

  @Test
  void moreElementsThanLuceneTakes() {
    assertThatCode(() -> TextIndexWriter.requireDimensions("wide", 1024))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> TextIndexWriter.requireDimensions("wide", 1025))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith("wide: vectors of 1,025 elements, expected at most 1,024");
  }
}
