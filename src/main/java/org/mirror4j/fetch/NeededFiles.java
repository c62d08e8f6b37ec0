package org.mirror4j.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;

/**
 * Which files of a repository a model needs: configuration, tokenizer, weights in one format and
 * licence, in the repository itself and in the folders that {@code modules.json} and {@code
 * mirror4j.json} name.
 */
final class NeededFiles {
  private static final String CONFIG = "config.json";
  private static final String MODULES = "modules.json";
  private static final String OWN = "mirror4j.json";

  /** A pooling where there is no {@code modules.json}. */
  private static final String POOLING = "1_Pooling/";

  /** Without one of these a folder is no model. */
  static final Set<String> MARKS = Set.of(CONFIG, MODULES);

  private static final Set<String> SETTINGS =
      Set.of(
          CONFIG,
          MODULES,
          OWN,
          "config_sentence_transformers.json",
          "sentence_bert_config.json",
          "sentence_roberta_config.json",
          "sentence_distilbert_config.json",
          "sentence_camembert_config.json",
          "sentence_albert_config.json",
          "sentence_xlm-roberta_config.json",
          "sentence_xlnet_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.txt",
          "vocab.json",
          "merges.txt");

  /** What is made from a model has them too. */
  private static final Pattern LICENCES = Pattern.compile("(LICENSE|NOTICE)(\\.\\w+)?");

  /** Without {@code mirror4j.json} a file of that name is something else. */
  private static final String FLOW = "flow.safetensors";

  private static final String SAFE = "model.safetensors";
  private static final String SAFE_INDEX = "model.safetensors.index.json";
  private static final String PICKLE = "pytorch_model.bin";

  private final String what;
  private final HubListing listing;
  private final Function<String, Path> content;

  /**
   * @param what the repository, for messages
   * @param content has the content of a file of the listing
   */
  NeededFiles(String what, HubListing listing, Function<String, Path> content) {
    this.what = what;
    this.listing = listing;
    this.content = content;
  }

  /** The folders of modules, the repository itself first; each name ends in a slash or is empty. */
  private List<String> modules() {
    Set<String> folders = new LinkedHashSet<>(List.of(""));
    if (listing.files().contains(MODULES)) {
      if (!(JsonFiles.read(content.apply(MODULES)) instanceof ArrayNode modules)) {
        throw new FileException(what + ": modules.json is no array of modules");
      }
      for (JsonNode module : modules) {
        addFolder(module.path("path").asText(), MODULES, folders);
      }
    }
    return List.copyOf(folders);
  }

  /** These, and the ones of what else maps the vectors. */
  private Set<String> folders() {
    Set<String> folders = new LinkedHashSet<>(modules());
    if (!listing.files().contains(MODULES)) {
      folders.add(POOLING);
    }
    if (listing.files().contains(OWN)) {
      for (JsonNode folder : JsonFiles.readObject(content.apply(OWN)).path("dense")) {
        addFolder(folder.asText(), OWN, folders);
      }
    }
    return folders;
  }

  private void addFolder(String path, String file, Set<String> folders) {
    if (!path.isEmpty()) {
      requireWithin(path, what + ": " + file);
      folders.add(path + "/");
    }
  }

  /**
   * The file that says which architecture the model has.
   *
   * @throws FetchException if there is none
   */
  String config() {
    return modules().stream()
        .map(folder -> folder + CONFIG)
        .filter(listing.files()::contains)
        .findFirst()
        .orElseThrow(
            () ->
                new FetchException(
                    "%s: has %d files, none of them %s, expected a BERT or RoBERTa"
                        .formatted(what, listing.files().size(), CONFIG)));
  }

  /**
   * All files that are needed, in alphabetical order, none outside the repository.
   *
   * @throws FetchException if there are no weights among them
   */
  Set<String> all() {
    Set<String> needed = new TreeSet<>();
    boolean weighty = false;
    for (String folder : folders()) {
      listing.files().stream()
          .filter(file -> file.startsWith(folder) && isOfAll(file.substring(folder.length())))
          .forEach(needed::add);
      List<String> weights = weights(folder);
      weighty |= !weights.isEmpty();
      needed.addAll(weights);
    }
    if (listing.files().contains(OWN) && listing.files().contains(FLOW)) {
      needed.add(FLOW);
    }
    if (!weighty) {
      throw new FetchException(
          "%s: has %d files, none of them %s, %s or %s"
              .formatted(what, listing.files().size(), SAFE, SAFE_INDEX, PICKLE));
    }
    needed.forEach(file -> requireWithin(file, what));
    return needed;
  }

  private static boolean isOfAll(String name) {
    return SETTINGS.contains(name) || LICENCES.matcher(name).matches();
  }

  /** What is taken first where there are several. */
  private List<String> weights(String folder) {
    if (listing.files().contains(folder + SAFE)) {
      return List.of(folder + SAFE);
    }
    if (listing.files().contains(folder + SAFE_INDEX)) {
      return shards(folder);
    }
    return listing.files().contains(folder + PICKLE) ? List.of(folder + PICKLE) : List.of();
  }

  private List<String> shards(String folder) {
    JsonNode map = JsonFiles.readObject(content.apply(folder + SAFE_INDEX)).path("weight_map");
    Set<String> shards = new TreeSet<>();
    map.forEach(shard -> shards.add(folder + shard.asText()));
    for (String shard : shards) {
      if (!listing.files().contains(shard)) {
        throw new FetchException(
            "%s: %s names %s, which is not there"
                .formatted(what, SAFE_INDEX, FileException.quote(shard)));
      }
    }
    List<String> all = new ArrayList<>(shards);
    all.add(folder + SAFE_INDEX);
    return all;
  }

  /**
   * Fails if a path is not one below a folder: it comes from elsewhere and files are written by it.
   *
   * @param what says it
   */
  private static void requireWithin(String path, String what) {
    boolean shown = FileException.clean(path).equals(path);
    boolean within = shown && !path.contains("\\") && !path.contains(":");
    for (String part : path.split("/", -1)) {
      within &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    if (!within) {
      throw new FileException(
          "%s: lists the file %s, expected a path within the repository"
              .formatted(what, FileException.quote(path)));
    }
  }
}
