package org.mirror4j.device;

import java.util.SortedMap;
import java.util.TreeMap;

/** What ran: stored with every result. */
public final class Versions {
  private Versions() {}

  /** Version of mirror4j, or {@code development} outside its jar. */
  public static String mirror4j() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Versions by name: mirror4j, java, device. */
  public static SortedMap<String, String> of(Device device) {
    SortedMap<String, String> versions = new TreeMap<>();
    versions.put("mirror4j", mirror4j());
    versions.put("java", Runtime.version().toString());
    versions.put("device", device.description());
    return versions;
  }
}
