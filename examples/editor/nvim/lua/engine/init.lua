--- The client of an engine: shows its log, sends it commands, and puts the errors of its builds into the quickfix list.
--- `vim.g.engine_project` names the engine's project; else it is the one of the current file.

local fifo = require("engine.fifo")
local log = require("engine.log")

local M = {}

local TITLE = ":EngineBuild"
local TYPES = { Info = "I", Warning = "W", Error = "E" }
local LEVELS = { Info = vim.log.levels.INFO, Warning = vim.log.levels.WARN, Error = vim.log.levels.ERROR }

--- The folder of the project whose engine this is the client of, once it is.
local project = nil

local function fail(problem)
  vim.notify("engine: " .. problem, vim.log.levels.ERROR)
end

--- The nearest folder above the current file that has a manifest.
local function find_project()
  if vim.g.engine_project then
    return vim.fn.fnamemodify(vim.g.engine_project, ":p:h")
  end
  local manifest = vim.fn.findfile("Cargo.toml", ".;")
  return manifest ~= "" and vim.fn.fnamemodify(manifest, ":p:h") or nil
end

--- The quickfix list becomes what a build said; that of the build before is replaced.
local function show_build(build)
  local items = {}
  for _, found in ipairs(build.diagnostics) do
    table.insert(items, {
      filename = found.file,
      lnum = found.line,
      col = found.column,
      text = found.text,
      type = TYPES[found.level],
    })
  end
  local action = vim.fn.getqflist({ title = true }).title == TITLE and "r" or " "
  vim.fn.setqflist({}, action, { title = TITLE, items = items })
end

--- Takes the lines that have come, each a message of the engine. Half a line, which an engine or another client has left
--- that was killed, is none.
local function take(lines)
  local messages = {}
  for _, line in ipairs(lines) do
    local is_json, message = pcall(vim.json.decode, line)
    if is_json and type(message) == "table" and type(message.text) == "string" and type(message.time) == "number" then
      table.insert(messages, message)
    end
  end
  log.append(messages)
  for _, message in ipairs(messages) do
    if message.build then
      show_build(message.build)
      vim.notify(message.text, LEVELS[message.level])
    end
  end
end

--- Reads the log of the project's engine from now on, whether one runs or not.
local function connect()
  if project then
    return true
  end
  local found = find_project()
  if not found then
    fail("there is no Cargo.toml above this file: open one of the engine's project, or set g:engine_project")
    return false
  end
  local problem = fifo.read(found .. "/engine.messages", take, function(problem)
    log.note("the engine is gone")
    if problem then
      project = nil
      fail(problem)
    end
  end)
  if problem then
    fail(problem)
    return false
  end
  project = found
  return true
end

local function send(command)
  if connect() then
    local problem = fifo.write(project .. "/engine.commands", vim.json.encode({ command = command }))
    if problem then
      fail(problem)
    end
  end
end

function M.show_log()
  if connect() then
    log.show()
  end
end

--- As `:make` does, it writes changed files first if 'autowrite' is set.
function M.build()
  if vim.o.autowrite or vim.o.autowriteall then
    vim.cmd("wall")
  end
  send("Build")
end

function M.refresh()
  send("Refresh")
end

return M
