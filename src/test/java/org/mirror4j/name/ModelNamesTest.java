package org.mirror4j.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;

class ModelNamesTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final Path HOME = Path.of("/home/me");

  @TempDir Path folder;

  private static Path home(String system, Map<String, String> environment) {
    return ModelHome.of(environment, system, HOME).path();
  }

  @Test
  void theHomeIsWhereCachesAreOrWhereTheUserSays() {
    assertThat(home("Linux", Map.of())).isEqualTo(HOME.resolve(".cache/mirror4j"));
    assertThat(home("Linux", Map.of("XDG_CACHE_HOME", "/c"))).isEqualTo(Path.of("/c/mirror4j"));
    // The standard has relative ones passed over.
    assertThat(home("Linux", Map.of("XDG_CACHE_HOME", "c")))
        .isEqualTo(HOME.resolve(".cache/mirror4j"));
    assertThat(home("Mac OS X", Map.of("XDG_CACHE_HOME", "/c")))
        .isEqualTo(HOME.resolve("Library/Caches/mirror4j"));
    assertThat(home("Windows 11", Map.of("LOCALAPPDATA", "/l"))).isEqualTo(Path.of("/l/mirror4j"));
    assertThat(home("Windows 11", Map.of())).isEqualTo(HOME.resolve("AppData/Local/mirror4j"));
    assertThat(home("Linux", Map.of("MIRROR4J_HOME", "/m", "XDG_CACHE_HOME", "/c")))
        .isEqualTo(Path.of("/m"));
    assertThat(home("Linux", Map.of("MIRROR4J_HOME", "m")))
        .isEqualTo(Path.of("m").toAbsolutePath());
  }

  private static Path hub(Map<String, String> environment) {
    return HuggingFaceCache.of(environment, HOME).path();
  }

  @Test
  void theHubIsWherePythonsToolsHaveIt() {
    assertThat(hub(Map.of())).isEqualTo(HOME.resolve(".cache/huggingface/hub"));
    assertThat(hub(Map.of("XDG_CACHE_HOME", "/c"))).isEqualTo(Path.of("/c/huggingface/hub"));
    assertThat(hub(Map.of("HF_HOME", "/h", "XDG_CACHE_HOME", "/c"))).isEqualTo(Path.of("/h/hub"));
    assertThat(hub(Map.of("HF_HOME", "~/h"))).isEqualTo(HOME.resolve("h/hub"));
    assertThat(hub(Map.of("HF_HOME", "~"))).isEqualTo(HOME.resolve("hub"));
    assertThat(hub(Map.of("HF_HUB_CACHE", "/u", "HF_HOME", "/h"))).isEqualTo(Path.of("/u"));
    assertThat(hub(Map.of("HUGGINGFACE_HUB_CACHE", "/u"))).isEqualTo(Path.of("/u"));
  }

  @Test
  void namesOfHuggingFaceAreToldFromOthers() {
    assertThat(HuggingFaceName.parse("org/name")).contains(new HuggingFaceName("org/name", "main"));
    assertThat(HuggingFaceName.parse("org/na-me_1.5@v1/x"))
        .contains(new HuggingFaceName("org/na-me_1.5", "v1/x"));
    assertThat(HuggingFaceName.parse("name").map(HuggingFaceName::hasOrganisation)).contains(false);
    for (String other : new String[] {"./a", "../a", "a/", "/a/b", "a/b/c", "a--b/c", "a/.b"}) {
      assertThat(HuggingFaceName.parse(other)).as(other).isEmpty();
    }
  }

  @Test
  void aSnapshotIsAModelWhereItsFilesAreThere() throws IOException {
    HuggingFaceCache cache = new HuggingFaceCache(folder.resolve("hub"));
    ModelNames names = new ModelNames(new ModelHome(folder.resolve("home")), cache);
    assertThat(cache.names()).isEmpty();
    Path model = folder.resolve("hub/models--org--a-name");
    Path snapshot = Files.createDirectories(model.resolve("snapshots").resolve(COMMIT));
    Files.createDirectories(model.resolve("refs/pr"));
    assertThat(names.find("org/a-name")).isEmpty();
    Files.writeString(model.resolve("refs/main"), COMMIT + "\n");
    assertThat(names.find("org/a-name")).as("no file yet").isEmpty();
    Files.createFile(snapshot.resolve("config.json"));
    assertThat(names.find("org/a-name")).as("no weights").isEmpty();
    Files.createFile(snapshot.resolve("model.safetensors"));
    assertThat(names.find("org/a-name")).contains(snapshot);
    assertThat(names.find("org/a-name@" + COMMIT)).contains(snapshot);
    assertThat(names.find("org/a-name@pr/1")).isEmpty();
    Files.writeString(model.resolve("refs/pr/1"), COMMIT);
    assertThat(names.find("org/a-name@pr/1")).contains(snapshot);
    assertThat(cache.names()).containsExactly("org/a-name");
    Files.writeString(model.resolve("refs/main"), "../../../x");
    assertThatThrownBy(() -> names.find("org/a-name"))
        .isInstanceOf(FileException.class)
        .hasMessage(model.resolve("refs/main") + ": expected the 40 digits of a commit");
  }

  @Test
  void ofPicklesWhatWasConvertedIsTheModel() throws IOException {
    HuggingFaceCache cache = new HuggingFaceCache(folder.resolve("hub"));
    ModelNames names = new ModelNames(new ModelHome(folder.resolve("home")), cache);
    Path snapshot = Files.createDirectories(cache.snapshot("org/name", COMMIT));
    Files.createFile(snapshot.resolve("config.json"));
    Files.createFile(snapshot.resolve("pytorch_model.bin"));
    String name = "org/name@" + COMMIT;
    assertThat(names.find(name)).isEmpty();
    Path converted = folder.resolve("home/huggingface/org--name").resolve(COMMIT);
    Files.createDirectories(converted);
    assertThat(names.find(name)).contains(converted);
    Files.createFile(snapshot.resolve("model.safetensors"));
    assertThat(names.find(name)).contains(snapshot);
  }

  /** A module's weights are read with the encoder's. */
  @Test
  void aModuleThatIsAPickleAloneIsConvertedToo() throws IOException {
    HuggingFaceCache cache = new HuggingFaceCache(folder.resolve("hub"));
    ModelNames names = new ModelNames(new ModelHome(folder.resolve("home")), cache);
    Path snapshot = Files.createDirectories(cache.snapshot("org/name", COMMIT));
    Path dense = Files.createDirectory(snapshot.resolve("2_Dense"));
    Path checkpoint = Files.createDirectory(snapshot.resolve("checkpoint-500"));
    Files.createFile(snapshot.resolve("model.safetensors"));
    for (Path in : new Path[] {snapshot, dense, checkpoint}) {
      Files.createFile(in.resolve("config.json"));
    }
    Files.createFile(checkpoint.resolve("pytorch_model.bin"));
    String name = "org/name@" + COMMIT;
    assertThat(names.find(name)).as("no module").contains(snapshot);
    Files.createFile(dense.resolve("pytorch_model.bin"));
    assertThat(HuggingFaceCache.hasPickleAlone(snapshot)).isTrue();
    assertThat(names.find(name)).as("not converted").isEmpty();
    Path converted = folder.resolve("home/huggingface/org--name").resolve(COMMIT);
    Files.createDirectories(converted);
    assertThat(names.find(name)).contains(converted);
    Files.createFile(dense.resolve("model.safetensors"));
    assertThat(names.find(name)).contains(snapshot);
  }

  /** As the first versions of sentence-transformers wrote it. */
  @Test
  void weightsMayLieInTheFolderOfAModule() throws IOException {
    HuggingFaceCache cache = new HuggingFaceCache(folder.resolve("hub"));
    ModelNames names = new ModelNames(new ModelHome(folder.resolve("home")), cache);
    Path snapshot = Files.createDirectories(cache.snapshot("org/name", COMMIT));
    String name = "org/name@" + COMMIT;
    Files.createFile(snapshot.resolve("modules.json"));
    assertThat(names.find(name)).as("no weights").isEmpty();
    Path module = Files.createDirectory(snapshot.resolve("0_BERT"));
    Files.createFile(module.resolve("config.json"));
    Files.createFile(module.resolve("pytorch_model.bin"));
    assertThat(HuggingFaceCache.hasPickleAlone(snapshot)).isTrue();
    assertThat(names.find(name)).as("not converted").isEmpty();
    Files.createFile(module.resolve("model.safetensors"));
    assertThat(names.find(name)).contains(snapshot);
  }
}
