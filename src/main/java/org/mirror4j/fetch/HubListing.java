package org.mirror4j.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.TreeSet;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.name.HuggingFaceName;

/**
 * The files of a model on HuggingFace at a commit, as {@code
 * /api/models/ORG/NAME/revision/REVISION} lists them.
 *
 * @param files paths within the repository, none of which leads out of it
 */
record HubListing(String commit, Set<String> files) {
  /**
   * Reads an answer.
   *
   * @param what names it in messages
   * @throws FileException if it is none, or a path leads out of the repository
   */
  static HubListing of(ObjectNode json, String what) {
    JsonFields fields = new JsonFields(json, what);
    String commit = fields.string("sha");
    if (!HuggingFaceName.isCommit(commit)) {
      throw new FileException(
          "%s: its commit is %s, expected 40 digits".formatted(what, FileException.quote(commit)));
    }
    Set<String> files = new TreeSet<>();
    for (JsonNode file : json.path("siblings")) {
      String path = file.path("rfilename").asText();
      requireWithin(path, what);
      files.add(path);
    }
    return new HubListing(commit, files);
  }

  /**
   * Fails if a path is not one below a folder: it comes from elsewhere and files are written by it.
   *
   * @param what says it
   */
  static void requireWithin(String path, String what) {
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
