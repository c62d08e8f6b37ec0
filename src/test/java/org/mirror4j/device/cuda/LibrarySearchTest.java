package org.mirror4j.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {
  @TempDir Path root;

  private String library(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.createFile(file);
    return path;
  }

  private List<String> found(Map<String, String> environment) {
    return new LibrarySearch(root, environment)
        .files("cublas").stream().map(file -> root.relativize(file.path()).toString()).toList();
  }

  @Test
  void aMachineWithoutAnyHasNoFolders() {
    LibrarySearch search = new LibrarySearch(root, Map.of("HOME", root.resolve("home").toString()));
    assertThat(search.folders()).isEmpty();
    assertThat(search.files("cublas")).isEmpty();
  }

  @Test
  void newerToolkitsGoFirstByNumberNotByText() throws IOException {
    String nine = library("usr/local/cuda-12.9/lib64/libcublas.so.12");
    String ten = library("usr/local/cuda-12.10/lib64/libcublas.so.12");
    String thirteen = library("usr/local/cuda-13.0/lib64/libcublas.so.13");
    assertThat(found(Map.of())).containsExactly(thirteen, ten, nine);
  }

  @Test
  void whatTheEnvironmentNamesGoesBeforeTheSystem() throws IOException {
    String system = library("usr/local/cuda/lib64/libcublas.so.12");
    String named = library("toolkit/lib64/libcublas.so.12");
    String virtual = library("venv/lib/python3.11/site-packages/nvidia/cublas/lib/libcublas.so.12");
    assertThat(
            found(
                Map.of(
                    "CUDA_HOME", root.resolve("toolkit").toString(),
                    "VIRTUAL_ENV", root.resolve("venv").toString())))
        .containsExactly(named, virtual, system);
  }

  @Test
  void packagesOfPipAreFoundWhereverTheyAreInstalled() throws IOException {
    String debian = library("usr/lib/python3/dist-packages/nvidia/cublas/lib/libcublas.so.12");
    String system =
        library("usr/local/lib/python3.12/dist-packages/nvidia/cu13/lib/libcublas.so.13");
    String user =
        library("home/.local/lib/python3.9/site-packages/nvidia/cublas/lib/libcublas.so.11");
    List<LibrarySearch.File> files =
        new LibrarySearch(root, Map.of("HOME", root.resolve("home").toString())).files("cublas");
    assertThat(files)
        .extracting(file -> root.relativize(file.path()).toString())
        .containsExactly(system, debian, user);
    assertThat(files).extracting(LibrarySearch.File::major).containsExactly(13, 12, 11);
  }

  @Test
  void eachLibraryIsLookedForByItsName() throws IOException {
    library("usr/lib/x86_64-linux-gnu/libcublas.so.13");
    library("usr/lib/x86_64-linux-gnu/libcudnn_ops.so.9");
    String system = library("usr/lib/x86_64-linux-gnu/libcudnn.so.9");
    String pip = library("usr/lib/python3/dist-packages/nvidia/cudnn/lib/libcudnn.so.9");
    assertThat(new LibrarySearch(root, Map.of()).files("cudnn"))
        .extracting(file -> root.relativize(file.path()).toString())
        .containsExactly(pip, system);
  }

  @Test
  void otherFilesAreNotTakenForIt() throws IOException {
    library("usr/local/cuda/lib64/libcublas.so.12.6.4.1");
    library("usr/local/cuda/lib64/libcublasLt.so.12");
    library("usr/local/cuda/lib64/libcublas.so");
    assertThat(found(Map.of())).isEmpty();
  }
}
