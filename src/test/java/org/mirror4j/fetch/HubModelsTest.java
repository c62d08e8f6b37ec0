package org.mirror4j.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mirror4j.file.FileException;
import org.mirror4j.name.HuggingFaceName;

/** Which files of a model are downloaded, and where they lie then. */
class HubModelsTest extends HubServerTest {
  @Test
  void whatIsNeededLiesAsPythonsToolsHaveIt() throws IOException {
    Path snapshot = fetch();
    Path repository = cache.path().resolve("models--some-org--tiny.model-1");
    assertThat(snapshot).isEqualTo(repository.resolve("snapshots").resolve(HubServer.COMMIT));
    assertThat(repository.resolve("refs/main")).hasContent(HubServer.COMMIT);
    try (Stream<Path> files = Files.list(snapshot)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "vocab.txt", WEIGHTS);
    }
    for (String file : List.of("config.json", "vocab.txt", WEIGHTS)) {
      assertThat(Files.readSymbolicLink(snapshot.resolve(file)))
          .isEqualTo(Path.of("../../blobs", server.digest(file)));
    }
    requireWhole(snapshot);
    assertThat(transfers).contains("model.safetensors 0 of " + WEIGHT_BYTES, "at " + WEIGHT_BYTES);
    assertThat(notices).isEmpty();
  }

  @Test
  void whatIsThereIsNotDownloadedAgain() throws IOException {
    fetch();
    server.requests.clear();
    requireWhole(fetch());
    assertThat(server.requests)
        .filteredOn(request -> request.method().equals("GET"))
        .extracting(HubServer.Request::path)
        .containsExactly(HubServer.listing("main"));
  }

  @Test
  void aRevisionIsKeptUnderItsName() {
    HuggingFaceName name = HuggingFaceName.parse(HubServer.NAME + "@refs/pr/1").orElseThrow();
    Path snapshot = fetch(name, Optional.empty());
    assertThat(server.requests.getFirst().path()).isEqualTo(HubServer.listing("refs%2Fpr%2F1"));
    assertThat(cache.find(name)).contains(snapshot);
    assertThat(cache.find(NAME)).isEmpty();
    HuggingFaceName commit =
        HuggingFaceName.parse(HubServer.NAME + "@" + HubServer.COMMIT).orElseThrow();
    assertThat(cache.find(commit)).contains(snapshot);
  }

  @Test
  void noFileIsWrittenOutsideTheCache() {
    for (String tag : List.of("../../x", "", "..", "0123")) {
      server.tags.put(WEIGHTS, tag);
      assertThatThrownBy(this::fetch)
          .as(tag)
          .isInstanceOf(FetchException.class)
          .hasMessageContaining("expected the 40 or 64 digits of a hash");
    }
    server.tags.clear();
    server.files.put("modules.json", "[{\"path\": \"../../x\"}]".getBytes());
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FileException.class)
        .hasMessageContaining("modules.json: lists the file '../../x'");
    server.files.remove("modules.json");
    server.files.remove(WEIGHTS);
    server.files.put(
        "model.safetensors.index.json", "{\"weight_map\": {\"w\": \"../../x\"}}".getBytes());
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("names '../../x', which is not there");
    for (String hostile : List.of("../x", "a/../../x", "/x", "a\\\\x", "a//x", "./x", "C:x")) {
      server.files.put(
          "model.safetensors.index.json",
          "{\"weight_map\": {\"w\": \"%s\"}}".formatted(hostile).getBytes());
      server.files.put(hostile, new byte[1]);
      assertThatThrownBy(this::fetch)
          .as(hostile)
          .isInstanceOf(FileException.class)
          .hasMessageContaining("expected a path within the repository");
      server.files.remove(hostile);
    }
    for (String name : List.of("../x", "a/b/c", "/a", "a/..", "a/b@../x", "a/b@", "", "a b/c")) {
      assertThat(HuggingFaceName.parse(name)).as(name).isEmpty();
    }
  }

  @Test
  void foldersOfModulesAndShardsAreNeededToo() throws IOException {
    server.files.put(
        "modules.json",
        "[{\"path\": \"\"}, {\"path\": \"1_Pooling\"}, {\"path\": \"2_Dense\"}]".getBytes());
    server.files.put("1_Pooling/config.json", "{}".getBytes());
    server.files.put("1_Pooling/README.md", "{}".getBytes());
    server.files.put("2_Dense/config.json", "{}".getBytes());
    server.files.put("2_Dense/model.safetensors", new byte[7]);
    server.files.remove(WEIGHTS);
    server.files.put(
        "model.safetensors.index.json",
        "{\"weight_map\": {\"v\": \"part-1.safetensors\", \"w\": \"part-2.safetensors\"}}"
            .getBytes());
    for (String part : List.of("part-1.safetensors", "part-2.safetensors", "part-3.safetensors")) {
      server.files.put(part, part.getBytes());
    }
    Path snapshot = fetch();
    try (Stream<Path> files = Files.walk(snapshot)) {
      assertThat(files.filter(Files::isRegularFile).map(f -> snapshot.relativize(f).toString()))
          .containsExactlyInAnyOrder(
              "config.json",
              "vocab.txt",
              "modules.json",
              "1_Pooling/config.json",
              "2_Dense/config.json",
              "2_Dense/model.safetensors",
              "model.safetensors.index.json",
              "part-1.safetensors",
              "part-2.safetensors");
    }
    assertThat(Files.readSymbolicLink(snapshot.resolve("1_Pooling/config.json")).toString())
        .startsWith("../../../blobs/");
  }

  @Test
  void whatTheSettingsNameAndLicencesAreNeededToo() throws IOException {
    server.files.put("mirror4j.json", "{\"dense\": [\"2_Dense\"]}".getBytes());
    for (String file :
        List.of(
            "1_Pooling/config.json",
            "2_Dense/config.json",
            "2_Dense/model.safetensors",
            "3_Dense/config.json",
            "flow.safetensors",
            "LICENSE",
            "NOTICE.md")) {
      server.files.put(file, "{}".getBytes());
    }
    Path snapshot = fetch();
    try (Stream<Path> files = Files.walk(snapshot)) {
      assertThat(files.filter(Files::isRegularFile).map(f -> snapshot.relativize(f).toString()))
          .containsExactlyInAnyOrder(
              "config.json",
              "vocab.txt",
              WEIGHTS,
              "mirror4j.json",
              "1_Pooling/config.json",
              "2_Dense/config.json",
              "2_Dense/model.safetensors",
              "flow.safetensors",
              "LICENSE",
              "NOTICE.md");
    }
    server.files.put("mirror4j.json", "{\"dense\": [\"2_Dense/../../x\"]}".getBytes());
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FileException.class)
        .hasMessageContaining("mirror4j.json: lists the file '2_Dense/../../x'");
  }

  /** A model that would be refused with it is one without. */
  @Test
  void aFlowThatNoSettingsSpeakOfIsNotNeeded() {
    server.files.put("flow.safetensors", new byte[3]);
    assertThat(fetch().resolve("flow.safetensors")).doesNotExist();
  }

  @Test
  void whatNoCommandTakesIsNotDownloaded() {
    server.files.put("config.json", "{\"model_type\": \"llama\"}".getBytes());
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("llama");
    assertThat(ranges()).isEmpty();
    server.files.put("config.json", CONFIG.getBytes());
    server.files.remove(WEIGHTS);
    server.files.remove("pytorch_model.bin");
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("none of them model.safetensors");
  }

  /** What is not needed may be called anything. */
  @Test
  void otherFilesMayHaveAnyName() throws IOException {
    server.files.put("runs/10:33:11/events", new byte[1]);
    server.files.put("../x", new byte[1]);
    requireWhole(fetch());
  }

  @Test
  void withoutAConfigurationItIsNoModel() {
    server.files.remove("config.json");
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessage(NAME + ": has 5 files, none of them config.json, expected a BERT or RoBERTa");
    assertThat(ranges()).isEmpty();
  }

  /** As the first versions of sentence-transformers wrote it. */
  @Test
  void theConfigurationMayLieInTheFolderOfAModule() throws IOException {
    server.files.put(
        "modules.json",
        "[{\"path\": \"0_BERT\"}, {\"path\": \"1_Pooling\"}]".getBytes(StandardCharsets.UTF_8));
    server.files.remove("pytorch_model.bin");
    server.files.put("1_Pooling/config.json", "{}".getBytes(StandardCharsets.UTF_8));
    for (String file : List.of("config.json", "vocab.txt", WEIGHTS)) {
      server.files.put("0_BERT/" + file, server.files.remove(file));
    }
    Path snapshot = fetch();
    assertThat(cache.find(NAME)).contains(snapshot);
    assertThat(snapshot.resolve("0_BERT").resolve(WEIGHTS))
        .hasBinaryContent(server.files.get("0_BERT/" + WEIGHTS));
    server.files.put("0_BERT/config.json", "{\"model_type\": \"llama\"}".getBytes());
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("llama");
  }

  /** Where links cannot be made: what is whole is let alone, others may read it. */
  @Test
  void aCopyInPlaceOfALinkIsKept() throws IOException {
    Path file = fetch().resolve(WEIGHTS);
    Files.delete(file);
    Files.copy(blob(WEIGHTS), file);
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    requireWhole(fetch());
    assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey()).isEqualTo(key);
    Files.write(file, new byte[WEIGHT_BYTES]);
    requireWhole(fetch());
  }
}
